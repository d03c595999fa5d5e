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

// Four rows of 32 channels: two vectors, channels in order.
ALWAYS_INLINE void interleave_half(const uint8_t* const (&rows)[4], int64_t at, const __m512i (&order)[2], __m512i flip,
                                   uint8_t* to) {
  const auto load = [](const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); };
  __m512i low = _mm512_inserti64x4(_mm512_castsi256_si512(load(rows[0] + at)), load(rows[1] + at), 1);
  __m512i high = _mm512_inserti64x4(_mm512_castsi256_si512(load(rows[2] + at)), load(rows[3] + at), 1);
  low = _mm512_xor_si512(low, flip);
  high = _mm512_xor_si512(high, flip);
  repeat<2>(ML_EACH(v) { _mm512_store_si512(to + 64 * v, _mm512_permutex2var_epi8(low, order[v], high)); });
}

// Four rows of 16 channels: one vector, channels in order.
ALWAYS_INLINE void interleave_part(const uint8_t* const (&rows)[4], int64_t at, __m512i order, __m512i flip,
                                   uint8_t* to) {
  const auto load = [](const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
  __m512i v = _mm512_castsi128_si512(load(rows[0] + at));
  v = _mm512_inserti32x4(v, load(rows[1] + at), 1);
  v = _mm512_inserti32x4(v, load(rows[2] + at), 2);
  v = _mm512_inserti32x4(v, load(rows[3] + at), 3);
  _mm512_store_si512(to, _mm512_xor_si512(_mm512_permutexvar_epi8(order, v), flip));
}

// Byte 4c + r of vector v is channel 16v + c of row r, which lies at `row_bytes` * r + 16v + c.
struct alignas(64) Order {
  uint8_t from[64];
  constexpr Order(int row_bytes, int v) : from() {
    for (int i = 0; i < 64; ++i) from[i] = static_cast<uint8_t>(i % 4 * row_bytes + 16 * v + i / 4);
  }
};

// Fills the scratch with columns [first, first + count), pad columns included.
template <int kVectors>
void interleave(const DepthwiseQ8Args& a, int64_t first, int64_t count) {
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(a.flip));
  const __m512i pad = _mm512_set1_epi8(static_cast<char>(a.pad_value ^ a.flip));
  static constexpr Order kPart(16, 0), kHalves[2] = {{32, 0}, {32, 1}};
  [[maybe_unused]] const __m512i part = _mm512_load_si512(kPart.from);
  [[maybe_unused]] const __m512i halves[2] = {_mm512_load_si512(kHalves[0].from), _mm512_load_si512(kHalves[1].from)};
  const int64_t last = first + count;
  uint8_t* to = a.scratch;
  const auto fill = [&](int64_t columns) {
    for (int64_t i = 0; i < columns * a.row_groups * kVectors; ++i, to += 64) _mm512_store_si512(to, pad);
  };
  const auto clamped = [&](int64_t column) { return column < 0 ? 0 : column > a.columns ? a.columns : column; };
  const int64_t inner_first = clamped(first), inner_last = clamped(last);
  fill(first < 0 ? (last < 0 ? last : 0) - first : 0);
  const int64_t step = a.pixel_stride, line = int64_t{64} * kVectors * a.row_groups, columns = inner_last - inner_first;
  for (int g = 0; g < a.row_groups; ++g) {
    // Of one's own: what is written could be the pointers, for all that the compiler knows.
    const uint8_t* rows[kRowGroup];
    repeat<kRowGroup>(ML_EACH(r) { rows[r] = a.rows[g * kRowGroup + r] + inner_first * step; });
    uint8_t* out = to + int64_t{64} * kVectors * g;
    for (int64_t column = 0, at = 0; column < columns; ++column, at += step, out += line) {
      if constexpr (kVectors == 4) {
        __m512i row[4];
        repeat<4>(ML_EACH(r) { row[r] = _mm512_xor_si512(_mm512_loadu_si512(rows[r] + at), flip); });
        interleave_whole(row, out);
      } else if constexpr (kVectors == 2) {
        interleave_half(rows, at, halves, flip, out);
      } else {
        repeat<kVectors>(ML_EACH(v) { interleave_part(rows, at + 16 * v, part, flip, out + 64 * v); });
      }
    }
  }
  to += columns * line;
  fill(last > a.columns ? last - (first > a.columns ? first : a.columns) : 0);
}

// Which output rows a call computes, and of what.
template <int kRows>
struct OutputRows {
  const DepthwiseWeightsQ8* weights[kRows];
  uint8_t* out[kRows];
};

// Where the scratch has what a row's outputs need, looked up once a row. kStride is the stride, or 0: any.
template <int kTaps, int kStride, int kVectors>
struct Columns {
  static constexpr int64_t kLine = 64 * kVectors;  // of one row group
  int64_t line, tap_step, column_step;             // bytes: a column; to the next tap; to the next output column
  int taps, row_groups;

  ALWAYS_INLINE explicit Columns(const DepthwiseQ8Args& a)
      : line(kLine * a.row_groups),
        tap_step(line * a.dilation),
        column_step(line * a.stride),
        taps(a.taps),
        row_groups(a.row_groups) {}
  ALWAYS_INLINE int64_t column(int x) const { return kStride > 0 ? x * kStride * kLine : x * column_step; }
};

// What passes 8 bits, once more.
template <int kTaps, int kStride, int kColumns, int kVectors>
ALWAYS_INLINE void add_extra(const DepthwiseWeightsQ8& weights, const Columns<kTaps, kStride, kVectors>& columns,
                             const uint8_t* in, int v, __m512i (&acc)[kColumns]) {
  for (int e = v == 0 ? 0 : weights.extra_end[v == 0 ? 0 : v - 1]; e < weights.extra_end[v]; ++e) {
    const __m512i w = _mm512_load_si512(weights.extra_taps + 64 * e);
    const ExtraTapQ8 extra = weights.extra[e];
    const uint8_t* from = in + extra.tap * columns.tap_step + (extra.group * kVectors + v) * 64;
    repeat<kColumns>(ML_EACH(x) { dot(acc[x], _mm512_load_si512(from + columns.column(x)), w); });
  }
}

// Adds all taps of vector v for kColumns output columns of each row.
template <int kTaps, int kStride, int kColumns, int kVectors, int kRows>
ALWAYS_INLINE void add_products(const OutputRows<kRows>& rows, const Columns<kTaps, kStride, kVectors>& columns,
                                const uint8_t* in, int v, __m512i (&acc)[kRows][kColumns]) {
  const auto add_tap = [&](int kx, int g) __attribute__((always_inline)) {
    const uint8_t* from = in + kx * columns.tap_step + (g * kVectors + v) * 64;
    const int64_t tap = kTaps > 0 ? kx : kx * columns.row_groups + g;
    __m512i w[kRows];
    repeat<kRows>(ML_EACH(r) { w[r] = _mm512_load_si512(rows.weights[r]->taps + (tap * kVectors + v) * 64); });
    repeat<kColumns>(ML_EACH(x) {
      const __m512i column = _mm512_load_si512(from + columns.column(x));
      repeat<kRows>(ML_EACH(r) { dot(acc[r][x], column, w[r]); });
    });
  };
  if constexpr (kTaps > 0) {  // one row group
    repeat<kTaps>(ML_EACH(kx) { add_tap(kx, 0); });
  } else {
    for (int kx = 0; kx < columns.taps; ++kx) {
      for (int g = 0; g < columns.row_groups; ++g) add_tap(kx, g);
    }
  }
  repeat<kRows>(ML_EACH(r) { add_extra(*rows.weights[r], columns, in, v, acc[r]); });
}

// Estimates that left doubt, vector by vector.
template <int kColumns, int kVectors, int kRows>
struct Doubts {
  __m512i estimates[kVectors][kRows][kColumns];
  bool any[kVectors] = {};
};

// The results of vector v.
template <int kTaps, int kStride, int kColumns, int kVectors, int kRows, EndingQ8 kEnding>
ALWAYS_INLINE bool results(const DepthwiseBlockQ8& block, const OutputRows<kRows>& rows,
                           const Columns<kTaps, kStride, kVectors>& columns, const uint8_t* in, int v,
                           __m512i (&acc)[kRows][kColumns]) {
  const RequantizeQ8& b = block.requantize[v];
  repeat<kRows>(ML_EACH(r) { repeat<kColumns>(ML_EACH(x) { acc[r][x] = start_of<kEnding>(b); }); });
  add_products(rows, columns, in, v, acc);
  if constexpr (kEnding == EndingQ8::exact) {
    repeat<kRows>(ML_EACH(r) { repeat<kColumns>(ML_EACH(x) { acc[r][x] = requantized(acc[r][x], b); }); });
    return false;
  } else if constexpr (!leaves_doubt(kEnding)) {
    repeat<kRows>(ML_EACH(r) { repeat<kColumns>(ML_EACH(x) { acc[r][x] = estimated<kEnding>(acc[r][x], b); }); });
    return false;
  } else {
    __m512i least[kRows];  // several chains of minima, each waits for its own only
    repeat<kRows>(ML_EACH(r) {
      repeat<kColumns>(ML_EACH(x) {
        acc[r][x] = estimated<kEnding>(acc[r][x], b);
        least[r] = x == 0 ? acc[r][x] : _mm512_min_epu16(least[r], acc[r][x]);
      });
    });
    return __builtin_expect(has_doubt<kEnding, kRows>(least), 0);
  }
}

template <int kTaps, int kStride, int kColumns, int kVectors, int kRows>
void exact_outputs(const DepthwiseBlockQ8& block, const OutputRows<kRows>& rows,
                   const Columns<kTaps, kStride, kVectors>& columns, const DepthwiseQ8Args& a, const uint8_t* in, int x,
                   __mmask64 mask, const OutputVectors& output);

// Output columns [x, x + kColumns) of each row; `in` is the scratch's column of x's first tap. Two vectors of channels
// at a time, so that all stays in registers.
template <int kTaps, int kStride, int kColumns, int kVectors, int kRows, EndingQ8 kEnding>
ALWAYS_INLINE void outputs(const DepthwiseBlockQ8& block, const OutputRows<kRows>& rows,
                           const Columns<kTaps, kStride, kVectors>& columns, const DepthwiseQ8Args& a,
                           const uint8_t* in, int x, __mmask64 mask, const OutputVectors& output) {
  constexpr int kHalves = (kVectors + 1) / 2;
  __m512i half[kHalves][kRows][kColumns];
  Doubts<kColumns, kVectors, kRows> doubts;
  bool doubt = false;
  repeat<kHalves>(ML_EACH(h) {
    __m512i acc[2][kRows][kColumns];
    repeat<2>(ML_EACH(i) {
      constexpr int v = 2 * decltype(h)::value + decltype(i)::value;
      if constexpr (v < kVectors) {
        if (results<kTaps, kStride, kColumns, kVectors, kRows, kEnding>(block, rows, columns, in, v, acc[i])) {
          repeat<kRows>(ML_EACH(r) { repeat<kColumns>(ML_EACH(c) { doubts.estimates[v][r][c] = acc[i][r][c]; }); });
          doubts.any[v] = doubt = true;
        }
      }
    });
    constexpr int second = 2 * decltype(h)::value + 1 < kVectors ? 1 : 0;
    repeat<kRows>(ML_EACH(r) {
      repeat<kColumns>(ML_EACH(c) { half[h][r][c] = words<kEnding>(acc[0][r][c], acc[second][r][c]); });
    });
  });
  store_finished<false>(
      output, [&](const auto& finish) __attribute__((always_inline)) {
        repeat<kRows>(ML_EACH(r) {
          uint8_t* out = rows.out[r] + x * a.out_stride;
          repeat<kColumns>(ML_EACH(c) {
            const __m512i bytes = packed_words<kVectors>(half[0][r][c], half[kHalves - 1][r][c]);
            _mm512_mask_storeu_epi8(out + c * a.out_stride, mask, finish(bytes));
          });
        });
      });
  if (__builtin_expect(doubt, 0)) {
    bool is_settled = kEnding != EndingQ8::estimated_widely;
    for (int v = 0; v < kVectors && is_settled; ++v) {
      for (int r = 0; doubts.any[v] && r < kRows && is_settled; ++r) {
        is_settled = settle_vector(doubts.estimates[v][r], kColumns, 1, kVectors, v, kEnding, block.requantize[v],
                                   a.output, block.channels, rows.out[r] + x * a.out_stride, a.out_stride);
      }
    }
    if (!is_settled) {
      exact_outputs<kTaps, kStride, kColumns, kVectors, kRows>(block, rows, columns, a, in, x, mask, output);
    }
  }
}

// Once more, where estimates do not tell their sums.
template <int kTaps, int kStride, int kColumns, int kVectors, int kRows>
__attribute__((noinline, cold)) void exact_outputs(const DepthwiseBlockQ8& block, const OutputRows<kRows>& rows,
                                                   const Columns<kTaps, kStride, kVectors>& columns,
                                                   const DepthwiseQ8Args& a, const uint8_t* in, int x, __mmask64 mask,
                                                   const OutputVectors& output) {
  outputs<kTaps, kStride, kColumns, kVectors, kRows, EndingQ8::exact>(block, rows, columns, a, in, x, mask, output);
}

template <int kTaps, int kStride, int kVectors, int kRows, EndingQ8 kEnding>
void row(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const OutputRows<kRows>& rows) {
  constexpr int kColumns = 4;
  const OutputVectors output = output_vectors(a.output);
  const __mmask64 mask = ~uint64_t{0} >> (64 - block.channels);
  const Columns<kTaps, kStride, kVectors> columns(a);
  static_assert(kDepthwiseRest == kColumns - 1);  // so that only short rows have pieces of less than four columns
  int count = 0;
  for (int x0 = 0; x0 < a.out_columns; x0 += count) {
    const int left = a.out_columns - x0;
    count = left <= kDepthwiseChunk + kDepthwiseRest ? left : kDepthwiseChunk;
    interleave<kVectors>(a, int64_t{x0} * a.stride - a.pad_left,
                         int64_t{count - 1} * a.stride + int64_t{a.taps - 1} * a.dilation + 1);
    const auto from = [&](int x) { return a.scratch + x * columns.column_step; };
    if (count < kColumns) {  // seldom, and few
      for (int x = 0; x < count; ++x) {
        exact_outputs<kTaps, kStride, 1, kVectors, kRows>(block, rows, columns, a, from(x), x0 + x, mask, output);
      }
      continue;
    }
    // The last ones together with some before them, once more.
    for (int next = 0; next < count; next += kColumns) {
      const int x = next + kColumns <= count ? next : count - kColumns;
      outputs<kTaps, kStride, kColumns, kVectors, kRows, kEnding>(block, rows, columns, a, from(x), x0 + x, mask,
                                                                  output);
    }
  }
}

template <int kTaps, int kStride, int kVectors, int kRows>
void row_of(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const OutputRows<kRows>& rows) {
  switch (block.ending) {
    case EndingQ8::exact:
      return row<kTaps, 0, kVectors, kRows, EndingQ8::exact>(block, a, rows);
    case EndingQ8::estimated:  // few sums, so that these two are rare: the next serves them as well
    case EndingQ8::estimated_rectified:
    case EndingQ8::estimated_bounded:
      return row<kTaps, 0, kVectors, kRows, EndingQ8::estimated_bounded>(block, a, rows);
    case EndingQ8::estimated_widely:
      return row<kTaps, 0, kVectors, kRows, EndingQ8::estimated_widely>(block, a, rows);
    case EndingQ8::floating:
      return row<kTaps, kStride, kVectors, kRows, EndingQ8::floating>(block, a, rows);
    case EndingQ8::certain_rectified:
      if constexpr (kStride > 0) {  // the usual; the next serves others as well
        return row<kTaps, kStride, kVectors, kRows, EndingQ8::certain_rectified>(block, a, rows);
      }
      [[fallthrough]];
    case EndingQ8::floating_rectified:
      return row<kTaps, kStride, kVectors, kRows, EndingQ8::floating_rectified>(block, a, rows);
  }
}

template <int kTaps, int kStride, int kRows>
void any_row(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const OutputRows<kRows>& rows) {
  switch (block.vectors) {
    case 1:
      return row_of<kTaps, kStride, 1>(block, a, rows);
    case 2:
      return row_of<kTaps, kStride, 2>(block, a, rows);
    case 3:
      return row_of<kTaps, kStride, 3>(block, a, rows);
    default:
      return row_of<kTaps, kStride, 4>(block, a, rows);
  }
}

}  // namespace

void depthwise_q8_avx512vnni(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  const bool is_usual = a.taps == 3 && a.row_groups == 1;
  if (is_usual && a.out[1] != nullptr) {
    const OutputRows<2> both{{&block.weights[0], &block.weights[1]}, {a.out[0], a.out[1]}};
    return a.stride == 1 ? any_row<3, 1>(block, a, both) : any_row<3, 0>(block, a, both);
  }
  for (const int r : {0, 1}) {
    if (a.out[r] == nullptr) continue;
    const OutputRows<1> row{{&block.weights[r]}, {a.out[r]}};
    if (!is_usual) {
      any_row<0, 0>(block, a, row);
    } else {
      a.stride == 2 ? any_row<3, 2>(block, a, row) : any_row<3, 0>(block, a, row);
    }
  }
}

}  // namespace monolite::kernels
