// 16 channels of a column at a time: what lies above each other in four rows is interleaved, widened to 16 bits and
// multiplied in pairs.

#include <immintrin.h>

#include "kernels/depthwise_q8/depthwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_avx2.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

// Two sums each of 4 channels; adds the products of four rows with a line of weights.
struct Sums {
  __m256i acc[4];

  ALWAYS_INLINE void add(const __m128i (&rows)[kRowGroup], const int8_t* weights) {
    const __m128i low01 = _mm_unpacklo_epi8(rows[0], rows[1]), high01 = _mm_unpackhi_epi8(rows[0], rows[1]);
    const __m128i low23 = _mm_unpacklo_epi8(rows[2], rows[3]), high23 = _mm_unpackhi_epi8(rows[2], rows[3]);
    const __m128i fours[4] = {_mm_unpacklo_epi16(low01, low23), _mm_unpackhi_epi16(low01, low23),
                              _mm_unpacklo_epi16(high01, high23), _mm_unpackhi_epi16(high01, high23)};
    repeat<4>(ML_EACH(i) {
      const __m128i w = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + 16 * i));
      const __m256i products = _mm256_madd_epi16(_mm256_cvtepu8_epi16(fours[i]), _mm256_cvtepi8_epi16(w));
      acc[i] = _mm256_add_epi32(acc[i], products);
    });
  }
};

struct Column {
  const DepthwiseQ8Args& args;
  int64_t at;  // of the input; perhaps outside of it
  int first;   // channel of the block

  // Four rows of a group.
  ALWAYS_INLINE void load(int group, __m128i (&rows)[kRowGroup]) const {
    const __m128i flip = _mm_set1_epi8(static_cast<char>(args.flip));
    if (at < 0 || at >= args.columns) {
      const __m128i pad = _mm_xor_si128(_mm_set1_epi8(static_cast<char>(args.pad_value)), flip);
      repeat<kRowGroup>(ML_EACH(i) { rows[i] = pad; });
      return;
    }
    repeat<kRowGroup>(ML_EACH(i) {
      const uint8_t* p = args.rows[group * kRowGroup + i] + at * args.pixel_stride + first;
      rows[i] = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), flip);
    });
  }
};

// Output column x of 16 channels.
ALWAYS_INLINE void output(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const DepthwiseWeightsQ8& weights,
                          uint8_t* out, int x, int vector) {
  Sums sums;
  repeat<4>(ML_EACH(i) { sums.acc[i] = _mm256_setzero_si256(); });
  const int64_t left = int64_t{x} * a.stride - a.pad_left;
  const int64_t line = int64_t{64} * block.vectors;
  const int8_t* w = weights.taps + 64 * vector;
  __m128i rows[kRowGroup];
  for (int kx = 0; kx < a.taps; ++kx) {
    const Column column{a, left + int64_t{kx} * a.dilation, 16 * vector};
    for (int group = 0; group < a.row_groups; ++group, w += line) {
      column.load(group, rows);
      sums.add(rows, w);
    }
  }
  for (int e = vector == 0 ? 0 : weights.extra_end[vector - 1]; e < weights.extra_end[vector]; ++e) {
    const Column column{a, left + int64_t{weights.extra[e].tap} * a.dilation, 16 * vector};
    column.load(weights.extra[e].group, rows);
    sums.add(rows, weights.extra_taps + int64_t{64} * e);
  }
  const RequantizeQ8& b = block.requantize[vector];
  const auto* bias = reinterpret_cast<const __m256i*>(b.bias);
  const __m256i low = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums.acc[0], sums.acc[1]), 0xD8);
  const __m256i high = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums.acc[2], sums.acc[3]), 0xD8);
  finish(_mm256_add_epi32(low, _mm256_load_si256(bias)), _mm256_add_epi32(high, _mm256_load_si256(bias + 1)), b,
         block.ending, a.output, block.channels - 16 * vector, out + x * a.out_stride + 16 * vector);
}

}  // namespace

void depthwise_q8_avx2(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a);

void depthwise_q8_avx2(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  for (int row = 0; row < 2; ++row) {
    if (a.out[row] == nullptr) continue;
    for (int x = 0; x < a.out_columns; ++x) {
      for (int v = 0; v < block.vectors; ++v) output(block, a, block.weights[row], a.out[row], x, v);
    }
  }
}

}  // namespace monolite::kernels
