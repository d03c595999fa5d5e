// 8-bit dot products of signed bytes, of what lies above each other in four rows.

#include <arm_neon.h>

#include "kernels/depthwise_q8/depthwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <int kSums>
struct Products : WholeSums<kSums> {
  template <int kTaps>
  ALWAYS_INLINE void add(int sum, const int8_t* x, int64_t, const int8_t* w, int64_t) {
    static_assert(kTaps == 1);
    repeat<4>(ML_EACH(i) {
      this->sums[sum].of[i] = vdotq_s32(this->sums[sum].of[i], vld1q_s8(x + 16 * i), vld1q_s8(w + 16 * i));
    });
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME depthwise_q8_dotprod
#define ML_SUMS 4
#define ML_TAPS 1
#include "kernels/depthwise_q8/row_128.h"
