// Without 8-bit dot products: bytes are widened to 16 bits and multiplied in pairs. (Pairs of bytes, vpmaddubsw, would
// saturate.)

#include <immintrin.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <int kRows>
struct Products {
  __m256i acc[kRows][4];  // two sums each of 4 channels

  ALWAYS_INLINE void start() {
    repeat<kRows>(ML_EACH(r) { repeat<4>(ML_EACH(i) { acc[r][i] = _mm256_setzero_si256(); }); });
  }

  template <bool kFlip>
  ALWAYS_INLINE void add(const uint8_t* a, int64_t row_stride, const int8_t* weights) {
    __m256i w[4];
    repeat<4>(ML_EACH(i) {
      w[i] = _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(weights + 16 * i)));
    });
    repeat<kRows>(ML_EACH(r) {
      int32_t four;
      __builtin_memcpy(&four, a + r * row_stride, sizeof(four));
      if (kFlip) four ^= static_cast<int32_t>(0x80808080);
      const __m256i x = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
      repeat<4>(ML_EACH(i) { acc[r][i] = _mm256_add_epi32(acc[r][i], _mm256_madd_epi16(x, w[i])); });
    });
  }

  ALWAYS_INLINE void sum(int row, __m256i& low, __m256i& high) const {
    low = _mm256_permute4x64_epi64(_mm256_hadd_epi32(acc[row][0], acc[row][1]), 0xD8);
    high = _mm256_permute4x64_epi64(_mm256_hadd_epi32(acc[row][2], acc[row][3]), 0xD8);
  }
};

}  // namespace
}  // namespace monolite::kernels

#define ML_KERNEL_NAME gemm_q8_avx2
#define ML_ROWS 2
#include "kernels/gemm_q8/tile_256.h"
