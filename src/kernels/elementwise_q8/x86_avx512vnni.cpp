#include <immintrin.h>

#include "kernels/elementwise_q8/elementwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_avx512.h"

namespace monolite::kernels {
namespace {

constexpr int kBlock = 64;

// The bits of the first `count` elements, of at most 64.
__mmask64 first_of(int64_t count) { return count >= kBlock ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

// The bytes of a table of 256 at 64 indices.
__attribute__((always_inline)) inline __m512i look_up(const uint8_t* table, __m512i index, __mmask64 is_high) {
  const auto part = [&](int i) __attribute__((always_inline)) { return _mm512_load_si512(table + 64 * i); };
  const __m512i low = _mm512_permutex2var_epi8(part(0), index, part(1));
  const __m512i high = _mm512_permutex2var_epi8(part(2), index, part(3));
  return _mm512_mask_blend_epi8(is_high, low, high);
}

// Adds the terms of 64 elements, four vectors in the order in which packing wants them.
__attribute__((always_inline)) inline void add_terms(const TermsQ8& terms, __m512i index, __m512i (&sum)[4]) {
  const __mmask64 is_high = _mm512_movepi8_mask(index);
  __m512i plane[4];
  repeat<4>(ML_EACH(i) { plane[i] = look_up(terms.planes[i], index, is_high); });
  const __m512i low01 = _mm512_unpacklo_epi8(plane[0], plane[1]), high01 = _mm512_unpackhi_epi8(plane[0], plane[1]);
  const __m512i low23 = _mm512_unpacklo_epi8(plane[2], plane[3]), high23 = _mm512_unpackhi_epi8(plane[2], plane[3]);
  sum[0] = _mm512_add_epi32(sum[0], _mm512_unpacklo_epi16(low01, low23));
  sum[1] = _mm512_add_epi32(sum[1], _mm512_unpackhi_epi16(low01, low23));
  sum[2] = _mm512_add_epi32(sum[2], _mm512_unpacklo_epi16(high01, high23));
  sum[3] = _mm512_add_epi32(sum[3], _mm512_unpackhi_epi16(high01, high23));
}

}  // namespace

void add_q8_avx512vnni(const AddQ8Args& args) {
  const OutputVectors output = output_vectors(args.output);
  for (int64_t i = 0; i < args.count; i += kBlock) {
    const __mmask64 mask = first_of(args.count - i);
    __m512i sum[4];
    repeat<4>(ML_EACH(v) { sum[v] = _mm512_setzero_si512(); });
    add_terms(*args.a_terms, _mm512_maskz_loadu_epi8(mask, args.a + i), sum);
    add_terms(*args.b_terms, _mm512_maskz_loadu_epi8(mask, args.b + i), sum);
    repeat<4>(ML_EACH(v) { sum[v] = requantized(sum[v], *args.sum_scale); });
    _mm512_mask_storeu_epi8(args.out + i, mask, finished(packed<EndingQ8::exact, 4>(sum), output));
  }
}

void lookup_q8_avx512vnni(const LookupQ8Args& args) {
  for (int64_t i = 0; i < args.count; i += kBlock) {
    const __mmask64 mask = first_of(args.count - i);
    const __m512i index = _mm512_maskz_loadu_epi8(mask, args.in + i);
    _mm512_mask_storeu_epi8(args.out + i, mask, look_up(args.table, index, _mm512_movepi8_mask(index)));
  }
}

}  // namespace monolite::kernels
