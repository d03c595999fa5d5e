// Without 8-bit dot products: the products of two groups are summed in 16 bits (OperandsQ8 tells why they fit), pairs
// of these in 32.

#include <arm_neon.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <int kRows>
struct Products : PairedSums<kRows> {
  template <int kGroups>
  ALWAYS_INLINE void add(const int8x16_t (&x)[kRows], const int8_t* weights, [[maybe_unused]] int64_t line) {
    int8x16_t a[kRows], b[kRows];  // four bytes of a row, four times
    repeat<kRows>(ML_EACH(r) {
      const int32x4_t groups = vreinterpretq_s32_s8(x[r]);
      a[r] = vreinterpretq_s8_s32(vdupq_laneq_s32(groups, 0));
      if constexpr (kGroups == 2) b[r] = vreinterpretq_s8_s32(vdupq_laneq_s32(groups, 1));
    });
    repeat<4>(ML_EACH(i) {
      const int8x16_t w = vld1q_s8(weights + 16 * i);
      int8x16_t next;
      if constexpr (kGroups == 2) next = vld1q_s8(weights + line + 16 * i);
      repeat<kRows>(ML_EACH(r) {
        int16x8_t low = vmull_s8(vget_low_s8(a[r]), vget_low_s8(w)), high = vmull_high_s8(a[r], w);
        if constexpr (kGroups == 2) {
          low = vmlal_s8(low, vget_low_s8(b[r]), vget_low_s8(next));
          high = vmlal_high_s8(high, b[r], next);
        }
        this->add_pairs(r, i, low, high);
      });
    });
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME gemm_q8_neon
#define ML_ROWS 2
#define ML_GROUPS 2
#include "kernels/gemm_q8/tile_128.h"
