#include <immintrin.h>

#include "kernels/elementwise_q8/elementwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_avx512.h"

namespace monolite::kernels {
namespace {

constexpr int kBlock = 64;

// The bits of the first `count` elements, of at most 64.
__mmask64 first_of(int64_t count) { return count >= kBlock ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

// 16 bytes, scaled. Part `v` of 64.
template <int kPart>
__m512i scaled(__m512i bytes, __m512i zero_point, const RequantizeQ8& scale) {
  const __m512i wide = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(bytes, kPart));
  return requantized<false>(_mm512_sub_epi32(wide, zero_point), scale);
}

}  // namespace

void add_q8_avx512vnni(const AddQ8Args& args) {
  const OutputVectors output = output_vectors(args.output);
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(args.flip));
  const __m512i a_zero = _mm512_set1_epi32(args.a_zero_point), b_zero = _mm512_set1_epi32(args.b_zero_point);
  // Packing leaves element 4 * v + p of 16 where 4 * p + v belongs.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  for (int64_t i = 0; i < args.count; i += kBlock) {
    const __mmask64 mask = first_of(args.count - i);
    const __m512i a = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, args.a + i), flip);
    const __m512i b = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, args.b + i), flip);
    __m512i sum[4];
    repeat<4>(ML_EACH(v) {
      constexpr int kPart = decltype(v)();
      const __m512i both =
          _mm512_add_epi32(scaled<kPart>(a, a_zero, *args.a_scale), scaled<kPart>(b, b_zero, *args.b_scale));
      sum[v] = requantized<false>(both, *args.sum_scale);
    });
    const __m512i bytes = _mm512_permutexvar_epi32(order, packed(sum[0], sum[1], sum[2], sum[3]));
    _mm512_mask_storeu_epi8(args.out + i, mask, finished(bytes, output));
  }
}

void lookup_q8_avx512vnni(const LookupQ8Args& args) {
  const auto part = [&](int i) { return _mm512_load_si512(args.table + 64 * i); };
  const __m512i t0 = part(0), t1 = part(1), t2 = part(2), t3 = part(3);
  for (int64_t i = 0; i < args.count; i += kBlock) {
    const __mmask64 mask = first_of(args.count - i);
    const __m512i index = _mm512_maskz_loadu_epi8(mask, args.in + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, index, t1), high = _mm512_permutex2var_epi8(t2, index, t3);
    _mm512_mask_storeu_epi8(args.out + i, mask, _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high));
  }
}

}  // namespace monolite::kernels
