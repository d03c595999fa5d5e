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

// Four vectors of 16 of the 64 numbers, in the order in which packing wants them.
__attribute__((always_inline)) inline __m512 numbers(__m512i bytes, int vector) {
  // Part p of vector v has bytes 4v to 4v + 3 of part p, each with three zeros (indices below 0) behind it.
  const __m512i order = _mm512_add_epi8(
      _mm512_set1_epi8(static_cast<char>(4 * vector)),
      _mm512_broadcast_i32x4(_mm_set_epi8(-64, -64, -64, 3, -64, -64, -64, 2, -64, -64, -64, 1, -64, -64, -64, 0)));
  return _mm512_cvtepi32_ps(_mm512_shuffle_epi8(bytes, order));
}

__attribute__((always_inline)) inline __m512i exact_sum(const SumQ8& sum, __m512i a, __m512i b,
                                                        const OutputVectors& output) {
  __m512i v[4];
  repeat<4>(ML_EACH(i) { v[i] = _mm512_setzero_si512(); });
  add_terms(sum.a_terms, a, v);
  add_terms(sum.b_terms, b, v);
  repeat<4>(ML_EACH(i) { v[i] = requantized(v[i], sum.scale); });
  return finished(packed<EndingQ8::exact, 4>(v), output);
}

// Where estimates left doubt.
__attribute__((noinline, cold)) __m512i settled(const SumQ8& sum, __m512i a, __m512i b) {
  return exact_sum(sum, a, b, output_vectors(sum.output));
}

// Sums block by block: sum_of(a, b).
template <class SumOf>
__attribute__((always_inline)) inline void each_block(const AddQ8Args& args, const SumOf& sum_of) {
  int64_t i = 0;
  for (; i + kBlock <= args.count; i += kBlock) {
    _mm512_storeu_si512(args.out + i, sum_of(_mm512_loadu_si512(args.a + i), _mm512_loadu_si512(args.b + i)));
  }
  if (i == args.count) return;
  const __mmask64 mask = first_of(args.count - i);
  const __m512i sum = sum_of(_mm512_maskz_loadu_epi8(mask, args.a + i), _mm512_maskz_loadu_epi8(mask, args.b + i));
  _mm512_mask_storeu_epi8(args.out + i, mask, sum);
}

void add_estimated(const AddQ8Args& args) {
  const SumEstimateQ8& e = args.sum->estimate;
  const OutputVectors output = output_vectors(args.sum->output);
  const __m512 a_scale = _mm512_set1_ps(e.a_scale), b_scale = _mm512_set1_ps(e.b_scale),
               offset = _mm512_set1_ps(e.offset);
  const __m512i doubt = _mm512_set1_epi16(static_cast<int16_t>(e.doubt));
  each_block(
      args, [&](__m512i a, __m512i b) __attribute__((always_inline)) {
        const __m512i a_number = _mm512_xor_si512(a, output.flip), b_number = _mm512_xor_si512(b, output.flip);
        __m512i q[4];
        repeat<4>(ML_EACH(i) {
          const __m512 a_part = _mm512_fmadd_ps(numbers(a_number, i), a_scale, offset);
          q[i] = _mm512_cvtps_epi32(_mm512_fmadd_ps(numbers(b_number, i), b_scale, a_part));
        });
        const __m512i least = _mm512_min_epu16(_mm512_min_epu16(q[0], q[1]), _mm512_min_epu16(q[2], q[3]));
        if (__builtin_expect(_mm512_mask_cmplt_epu16_mask(0x55555555, least, doubt) != 0, 0)) {
          return settled(*args.sum, a, b);
        }
        return finished(packed<EndingQ8::estimated, 4>(q), output);
      });
}

}  // namespace

void add_q8_avx512vnni(const AddQ8Args& args) {
  if (args.sum->estimate.doubt != 0) return add_estimated(args);
  const OutputVectors output = output_vectors(args.sum->output);
  each_block(
      args, [&](__m512i a, __m512i b) __attribute__((always_inline)) { return exact_sum(*args.sum, a, b, output); });
}

void mul_q8_avx512vnni(const MulQ8Args& args) {
  const auto byte = [](uint8_t b) { return _mm_set1_epi8(static_cast<char>(b)); };
  const __m128i flip = byte(args.flip), least = byte(args.output.least), most = byte(args.output.most);
  const __m128i out_flip = byte(args.output.flip);
  const __m512i a_zero = _mm512_set1_epi32(args.a_zero_point), b_zero = _mm512_set1_epi32(args.b_zero_point);
  constexpr int kLanes = 16;
  for (int64_t i = 0; i < args.count; i += kLanes) {
    const auto mask = static_cast<__mmask16>(first_of(args.count - i));
    const auto difference = [&](const uint8_t* p, __m512i zero) __attribute__((always_inline)) {
      return _mm512_sub_epi32(_mm512_cvtepu8_epi32(_mm_xor_si128(_mm_maskz_loadu_epi8(mask, p + i), flip)), zero);
    };
    const __m512i product = _mm512_mullo_epi32(difference(args.a, a_zero), difference(args.b, b_zero));
    const __m512i result = _mm512_max_epi32(requantized(product, *args.scale), _mm512_setzero_si512());
    const __m128i bytes = _mm512_cvtusepi32_epi8(result);
    _mm_mask_storeu_epi8(args.out + i, mask, _mm_xor_si128(_mm_min_epu8(_mm_max_epu8(bytes, least), most), out_flip));
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
