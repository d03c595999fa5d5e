// 8-bit dot products of signed bytes. A row's 16 bytes are loaded at once; each instruction takes four of them.

#include <arm_neon.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <int kRows>
struct Products : WholeSums<kRows> {
  template <int kGroups>
  ALWAYS_INLINE void add(const int8x16_t (&x)[kRows], const int8_t* weights, int64_t line) {
    repeat<kGroups>(ML_EACH(g) {
      repeat<4>(ML_EACH(i) {
        const int8x16_t w = vld1q_s8(weights + g * line + 16 * i);
        repeat<kRows>(
            ML_EACH(r) { this->sums[r].of[i] = vdotq_laneq_s32(this->sums[r].of[i], w, x[r], decltype(g)::value); });
      });
    });
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME gemm_q8_dotprod
#define ML_ROWS 4
#define ML_GROUPS 4
#include "kernels/gemm_q8/tile_128.h"
