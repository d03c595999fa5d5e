// Columns are interleaved into the scratch, 64 bytes a vector of 16 channels; then a few output columns at a time stay
// in registers, vector by vector of the channels.

#include <immintrin.h>

#include "kernels/depthwise_q8/depthwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_avx512.h"

namespace monolite::kernels {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

// acc += sums of four products each. As an instruction, because GCC 12 would copy the accumulator before and after.
ALWAYS_INLINE void dot(__m512i& acc, __m512i a, __m512i w) { asm("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(w)); }

// Four rows of 64 channels: four vectors, in the order of packed_lane_order.
ALWAYS_INLINE void interleave_whole(const __m512i (&row)[4], uint8_t* to) {
  const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]), high01 = _mm512_unpackhi_epi8(row[0], row[1]);
  const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]), high23 = _mm512_unpackhi_epi8(row[2], row[3]);
  _mm512_store_si512(to, _mm512_unpacklo_epi16(low01, low23));
  _mm512_store_si512(to + 64, _mm512_unpackhi_epi16(low01, low23));
  _mm512_store_si512(to + 128, _mm512_unpacklo_epi16(high01, high23));
  _mm512_store_si512(to + 192, _mm512_unpackhi_epi16(high01, high23));
}

// Four rows of 16 channels: one vector, channels in order.
ALWAYS_INLINE void interleave_part(const uint8_t* const* rows, int64_t at, __m512i order, __m512i flip, uint8_t* to) {
  const auto load = [](const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
  __m512i v = _mm512_castsi128_si512(load(rows[0] + at));
  v = _mm512_inserti32x4(v, load(rows[1] + at), 1);
  v = _mm512_inserti32x4(v, load(rows[2] + at), 2);
  v = _mm512_inserti32x4(v, load(rows[3] + at), 3);
  _mm512_store_si512(to, _mm512_xor_si512(_mm512_permutexvar_epi8(order, v), flip));
}

// Byte 4c + r of a vector is channel c of row r, which interleave_part has at 16r + c.
__m512i part_order() {
  alignas(64) uint8_t order[64];
  for (int i = 0; i < 64; ++i) order[i] = static_cast<uint8_t>(i % 4 * 16 + i / 4);
  return _mm512_load_si512(order);
}

// Fills the scratch with columns [first, first + count), pad columns included.
template <int kVectors>
void interleave(const DepthwiseQ8Args& a, int64_t first, int64_t count) {
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(a.flip));
  const __m512i pad = _mm512_set1_epi8(static_cast<char>(a.pad_value ^ a.flip));
  const __m512i order = part_order();
  uint8_t* to = a.scratch;
  for (int64_t column = first; column < first + count; ++column) {
    const bool inside = column >= 0 && column < a.columns;
    for (int g = 0; g < a.row_groups; ++g, to += 64 * kVectors) {
      const uint8_t* const* rows = a.rows + g * kRowGroup;
      if (!inside) {
        repeat<kVectors>(ML_EACH(v) { _mm512_store_si512(to + 64 * v, pad); });
      } else if constexpr (kVectors == 4) {
        __m512i row[4];
        repeat<4>(
            ML_EACH(r) { row[r] = _mm512_xor_si512(_mm512_loadu_si512(rows[r] + column * a.pixel_stride), flip); });
        interleave_whole(row, to);
      } else {
        repeat<kVectors>(
            ML_EACH(v) { interleave_part(rows, column * a.pixel_stride + 16 * v, order, flip, to + 64 * v); });
      }
    }
  }
}

// Adds all taps of one set of weights for kColumns output columns.
template <int kTaps, int kColumns, int kVectors>
ALWAYS_INLINE void add_products(const int8_t* weights, const uint8_t* in, const DepthwiseQ8Args& a, int v,
                                __m512i (&acc)[kColumns]) {
  const int64_t line = 64 * kVectors * a.row_groups;
  const auto add_tap = [&](int kx, int g) __attribute__((always_inline)) {
    const __m512i w = _mm512_load_si512(weights + ((kx * a.row_groups + g) * kVectors + v) * 64);
    const uint8_t* from = in + kx * a.dilation * line + g * 64 * kVectors + 64 * v;
    repeat<kColumns>(ML_EACH(x) { dot(acc[x], _mm512_load_si512(from + x * a.stride * line), w); });
  };
  if constexpr (kTaps > 0) {  // one row group
    repeat<kTaps>(ML_EACH(kx) { add_tap(kx, 0); });
  } else {
    for (int kx = 0; kx < a.taps; ++kx) {
      for (int g = 0; g < a.row_groups; ++g) add_tap(kx, g);
    }
  }
}

// Output columns [x, x + kColumns); `in` is the scratch's column of x's first tap.
template <int kTaps, int kColumns, int kVectors, EndingQ8 kEnding>
ALWAYS_INLINE void columns(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const uint8_t* in, int x,
                           const OutputVectors& output) {
  const int64_t line = 64 * kVectors * a.row_groups;
  __m512i results[kColumns][kVectors];
  __m512i least[kVectors];  // several chains of minima, each waits for its own only
  repeat<kVectors>(ML_EACH(v) {
    __m512i acc[kColumns];
    const RequantizeQ8& r = block.requantize[v];
    repeat<kColumns>(ML_EACH(i) { acc[i] = _mm512_load_si512(r.bias); });
    add_products<kTaps, kColumns, kVectors>(block.weights, in, a, v, acc);
    for (int set = 1; set < block.sets; ++set) {
      add_products<kTaps, kColumns, kVectors>(block.weights + set * a.taps * line, in, a, v, acc);
    }
    repeat<kColumns>(ML_EACH(i) {
      if constexpr (kEnding == EndingQ8::exact) {
        results[i][v] = requantized(acc[i], r);
      } else {
        results[i][v] = estimated<kEnding>(acc[i], r);
        least[v] = i == 0 ? results[i][v] : _mm512_min_epu16(least[v], results[i][v]);
      }
    });
  });
  __m512i estimates[kColumns][kVectors];
  const bool doubt = kEnding != EndingQ8::exact && __builtin_expect(has_doubt<kVectors>(least), 0);
  if (doubt) {
    repeat<kColumns>(ML_EACH(i) { repeat<kVectors>(ML_EACH(v) { estimates[i][v] = results[i][v]; }); });
  }
  const __mmask64 mask = ~uint64_t{0} >> (64 - block.channels);
  uint8_t* out = a.out + x * a.out_stride;
  repeat<kColumns>(ML_EACH(i) {
    _mm512_mask_storeu_epi8(out + i * a.out_stride, mask, finished(packed<kEnding, kVectors>(results[i]), output));
  });
  if (doubt) {
    settle(estimates[0], kColumns, kVectors, kEnding, block.requantize, a.output, block.channels, out, a.out_stride);
  }
}

template <int kTaps, int kVectors, EndingQ8 kEnding>
void row(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  constexpr int kColumns = 4;
  const OutputVectors output = output_vectors(a.output);
  const int64_t line = 64 * kVectors * a.row_groups;
  for (int x0 = 0; x0 < a.out_columns; x0 += kDepthwiseChunk) {
    const int count = a.out_columns - x0 < kDepthwiseChunk ? a.out_columns - x0 : kDepthwiseChunk;
    interleave<kVectors>(a, int64_t{x0} * a.stride - a.pad_left,
                         int64_t{count - 1} * a.stride + int64_t{a.taps - 1} * a.dilation + 1);
    int x = 0;
    for (; x + kColumns <= count; x += kColumns) {
      columns<kTaps, kColumns, kVectors, kEnding>(block, a, a.scratch + x * a.stride * line, x0 + x, output);
    }
    if (x < count && count >= kColumns) {  // the last ones together with some before them, once more
      x = count - kColumns;
      columns<kTaps, kColumns, kVectors, kEnding>(block, a, a.scratch + x * a.stride * line, x0 + x, output);
      continue;
    }
    for (; x < count; ++x) {
      columns<kTaps, 1, kVectors, kEnding>(block, a, a.scratch + x * a.stride * line, x0 + x, output);
    }
  }
}

template <int kTaps, int kVectors>
void row_of(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  switch (block.ending) {
    case EndingQ8::exact:
      return row<kTaps, kVectors, EndingQ8::exact>(block, a);
    case EndingQ8::estimated:
      return row<kTaps, kVectors, EndingQ8::estimated>(block, a);
    case EndingQ8::estimated_rectified:
      return row<kTaps, kVectors, EndingQ8::estimated_rectified>(block, a);
    case EndingQ8::estimated_bounded:
      return row<kTaps, kVectors, EndingQ8::estimated_bounded>(block, a);
  }
}

template <int kTaps>
void any_row(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  switch (block.vectors) {
    case 1:
      return row_of<kTaps, 1>(block, a);
    case 2:
      return row_of<kTaps, 2>(block, a);
    case 3:
      return row_of<kTaps, 3>(block, a);
    default:
      return row_of<kTaps, 4>(block, a);
  }
}

}  // namespace

void depthwise_q8_avx512vnni(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  if (a.taps == 3 && a.row_groups == 1) return any_row<3>(block, a);
  any_row<0>(block, a);
}

}  // namespace monolite::kernels
