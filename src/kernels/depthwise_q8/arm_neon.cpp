// Without 8-bit dot products: the products of two taps are summed in 16 bits (OperandsQ8 tells why they fit), pairs of
// these in 32.

#include <arm_neon.h>

#include "kernels/depthwise_q8/depthwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <int kSums>
struct Products {
  Sums16 sums[kSums];
  int32x4_t acc[kSums][8];  // two sums each of 2 channels

  ALWAYS_INLINE void start(const Sums16& first) {
    const int32x4_t zero = vdupq_n_s32(0);
    repeat<kSums>(ML_EACH(s) {
      repeat<4>(ML_EACH(i) {
        acc[s][2 * i] = vzip1q_s32(first.of[i], zero);
        acc[s][2 * i + 1] = vzip2q_s32(first.of[i], zero);
      });
    });
  }

  template <int kTaps>
  ALWAYS_INLINE void add(int sum, const int8_t* x, [[maybe_unused]] int64_t x_step, const int8_t* w,
                         [[maybe_unused]] int64_t w_step) {
    repeat<4>(ML_EACH(i) {
      const int8x16_t x0 = vld1q_s8(x + 16 * i), w0 = vld1q_s8(w + 16 * i);
      int16x8_t low = vmull_s8(vget_low_s8(x0), vget_low_s8(w0)), high = vmull_high_s8(x0, w0);
      if constexpr (kTaps == 2) {
        const int8x16_t x1 = vld1q_s8(x + x_step + 16 * i), w1 = vld1q_s8(w + w_step + 16 * i);
        low = vmlal_s8(low, vget_low_s8(x1), vget_low_s8(w1));
        high = vmlal_high_s8(high, x1, w1);
      }
      acc[sum][2 * i] = vpadalq_s16(acc[sum][2 * i], low);
      acc[sum][2 * i + 1] = vpadalq_s16(acc[sum][2 * i + 1], high);
    });
  }

  ALWAYS_INLINE void finish() {
    repeat<kSums>(
        ML_EACH(s) { repeat<4>(ML_EACH(i) { sums[s].of[i] = vpaddq_s32(acc[s][2 * i], acc[s][2 * i + 1]); }); });
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME depthwise_q8_neon
#define ML_SUMS 2
#define ML_TAPS 2
#include "kernels/depthwise_q8/row_128.h"
