#pragma once
// requantize_q8 for 16 channels at once, on 256-bit vectors. Only for files compiled for AVX2: everything here is
// static.

#include <immintrin.h>

#include "kernels/requantize_q8.h"

namespace monolite::kernels {

inline constexpr int kLanes256 = 16;  // channels of a block

// Estimates of 8 channels; kernels/requantize_q8.h tells why they are right where there is no doubt.
static inline __attribute__((always_inline)) __m256i estimated(__m256i acc, const RequantizeQ8& b, int first,
                                                               EndingQ8 ending) {
  __m256 y =
      _mm256_fmadd_ps(_mm256_cvtepi32_ps(acc), _mm256_load_ps(b.scale + first), _mm256_load_ps(b.offset + first));
  if (is_bounded(ending)) {
    y = _mm256_max_ps(_mm256_min_ps(y, _mm256_set1_ps(kMostEstimate)), _mm256_set1_ps(kLeastEstimate));
  }
  const __m256i q = _mm256_cvtps_epi32(y);
  if (is_rectified(ending)) return q;
  const auto* drop = reinterpret_cast<const __m256i*>(b.drop + first);
  return _mm256_sub_epi32(q, _mm256_and_si256(_mm256_srai_epi32(acc, 31), _mm256_load_si256(drop)));
}

static inline __attribute__((always_inline)) bool has_doubt(__m256i q0, __m256i q1, EndingQ8 ending) {
  const __m256i lower = _mm256_set1_epi32(0xFFFF), least = _mm256_set1_epi32(doubt_of(ending));
  const __m256i doubt = _mm256_or_si256(_mm256_cmpgt_epi32(least, _mm256_and_si256(q0, lower)),
                                        _mm256_cmpgt_epi32(least, _mm256_and_si256(q1, lower)));
  return _mm256_movemask_epi8(doubt) != 0;
}

// The outputs of 16 channels of one row, of which the first `channels` are there.
static inline __attribute__((always_inline)) void finish(__m256i low, __m256i high, const RequantizeQ8& b,
                                                         EndingQ8 ending, const OutputQ8& output, int channels,
                                                         uint8_t* out) {
  alignas(32) int32_t acc[kLanes256];
  const int count = channels < kLanes256 ? channels : kLanes256;
  const auto one_by_one = [&] {
    _mm256_store_si256(reinterpret_cast<__m256i*>(acc), low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(acc + 8), high);
    for (int i = 0; i < count; ++i) out[i] = requantize_q8(acc[i], b, i, output);
  };
  if (ending == EndingQ8::exact) return one_by_one();
  const __m256i q0 = estimated(low, b, 0, ending), q1 = estimated(high, b, 8, ending);
  if (__builtin_expect(has_doubt(q0, q1, ending), 0)) return one_by_one();
  const __m256i packed = _mm256_packs_epi32(_mm256_srai_epi32(q0, 16), _mm256_srai_epi32(q1, 16));
  const __m256i words = _mm256_permute4x64_epi64(packed, 0xD8);  // in the order of the channels
  __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  bytes = _mm_max_epu8(bytes, _mm_set1_epi8(static_cast<char>(output.least)));
  bytes = _mm_min_epu8(bytes, _mm_set1_epi8(static_cast<char>(output.most)));
  bytes = _mm_xor_si128(bytes, _mm_set1_epi8(static_cast<char>(output.flip)));
  if (count == kLanes256) return _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  alignas(16) uint8_t values[kLanes256];
  _mm_store_si128(reinterpret_cast<__m128i*>(values), bytes);
  for (int i = 0; i < count; ++i) out[i] = values[i];
}

}  // namespace monolite::kernels
