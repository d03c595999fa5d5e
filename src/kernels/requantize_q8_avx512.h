#pragma once
// requantize_q8 for 16 channels at once. Only for files compiled for AVX-512: everything here is static.

#include <immintrin.h>

#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// The 16 results as int32, not yet clamped; `kRectified` as is_rectified_q8 says.
template <bool kRectified>
static inline __attribute__((always_inline)) __m512i requantized(__m512i acc, const RequantizeQ8& b) {
  const auto load = [](const void* p) { return _mm512_load_si512(p); };
  if constexpr (kRectified) {
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(acc, load(b.mantissa)), load(b.add[0]));
    const __m512i odd =
        _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), load(b.mantissa_odd)), load(b.add[1]));
    return _mm512_mask_blend_epi32(0xAAAA, _mm512_srav_epi64(even, load(b.shift[0])),
                                   _mm512_srav_epi64(odd, load(b.shift_high)));
  } else {
    const __m512i x = _mm512_sllv_epi32(acc, load(b.left));
    __m512i even = _mm512_mul_epi32(x, load(b.mantissa));
    __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(x, 32), load(b.mantissa_odd));
    const __mmask8 even_negative = _mm512_movepi64_mask(even), odd_negative = _mm512_movepi64_mask(odd);
    even = _mm512_add_epi64(even, load(b.add[0]));
    odd = _mm512_add_epi64(odd, load(b.add[1]));
    even = _mm512_mask_add_epi64(even, even_negative, even, load(b.add_negative[0]));
    odd = _mm512_mask_add_epi64(odd, odd_negative, odd, load(b.add_negative[1]));
    even = _mm512_srav_epi64(even, load(b.shift[0]));
    odd = _mm512_slli_epi64(_mm512_srav_epi64(odd, load(b.shift[1])), 32);
    return _mm512_add_epi32(_mm512_mask_blend_epi32(0xAAAA, even, odd), load(b.zero_point));
  }
}

// Clamps and flips of a layer, in vectors.
struct OutputVectors {
  __m512i least, most, flip;
};

static inline OutputVectors output_vectors(const OutputQ8& o) {
  return {_mm512_set1_epi8(static_cast<char>(o.least)), _mm512_set1_epi8(static_cast<char>(o.most)),
          _mm512_set1_epi8(static_cast<char>(o.flip))};
}

static inline __attribute__((always_inline)) __m512i finished(__m512i bytes, const OutputVectors& o) {
  return _mm512_xor_si512(_mm512_min_epu8(_mm512_max_epu8(bytes, o.least), o.most), o.flip);
}

// Four vectors of int32 to 64 bytes. 128-bit part p of the bytes has part p of the first vector, of the second, …
static inline __attribute__((always_inline)) __m512i packed(__m512i v0, __m512i v1, __m512i v2, __m512i v3) {
  return _mm512_packus_epi16(_mm512_packs_epi32(v0, v1), _mm512_packs_epi32(v2, v3));
}

}  // namespace monolite::kernels
