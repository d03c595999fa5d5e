// 8-bit dot products on 256-bit vectors.

#include <immintrin.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <int kRows>
struct Products {
  __m256i acc[kRows][2];

  ALWAYS_INLINE void start() {
    repeat<kRows>(ML_EACH(r) { repeat<2>(ML_EACH(i) { acc[r][i] = _mm256_setzero_si256(); }); });
  }

  template <bool kFlip>
  ALWAYS_INLINE void add(const uint8_t* a, int64_t row_stride, const int8_t* weights) {
    const auto* w = reinterpret_cast<const __m256i*>(weights);
    const __m256i low = _mm256_load_si256(w), high = _mm256_load_si256(w + 1);
    repeat<kRows>(ML_EACH(r) {
      int32_t four;
      __builtin_memcpy(&four, a + r * row_stride, sizeof(four));
      if (kFlip) four ^= static_cast<int32_t>(0x80808080);
      const __m256i x = _mm256_set1_epi32(four);
      acc[r][0] = _mm256_dpbusd_avx_epi32(acc[r][0], x, low);
      acc[r][1] = _mm256_dpbusd_avx_epi32(acc[r][1], x, high);
    });
  }

  ALWAYS_INLINE void sum(int row, __m256i& low, __m256i& high) const {
    low = acc[row][0];
    high = acc[row][1];
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME gemm_q8_avxvnni
#define ML_ROWS 6
#include "kernels/gemm_q8/tile_256.h"
