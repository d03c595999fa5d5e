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
struct Products : PairedSums<kSums> {
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
      this->add_pairs(sum, i, low, high);
    });
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME depthwise_q8_neon
#define ML_SUMS 2
#define ML_TAPS 2
#include "kernels/depthwise_q8/row_128.h"
