// The source of the kernels on 128-bit vectors of aarch64: columns are interleaved into the scratch, 64 bytes for 16
// channels; then a few output columns at a time stay in registers. A file for each instruction set includes it with
// ML_KERNEL_NAME, ML_SUMS (of 16 channels that fit registers), ML_TAPS (that are added at once) and a struct Products
// defined; everything but the kernel itself is static.
//
// Products<kSums> holds sums of 16 channels:
//   start(first)                                      `first`: what each starts from
//   add<kTaps>(sum, x, x_step, w, w_step)             adds the products of 16 channels of kTaps columns, x_step apart,
//                                                     and their weights
//   finish()                                          the sums

#include <arm_neon.h>

#include "kernels/depthwise_q8/depthwise_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

constexpr int kBytes = 64;  // of a row group of 16 channels

// Fills the scratch, [column][row group][vector][16][4] as signed numbers, with columns [first, first + count).
void interleave(const DepthwiseQ8Args& a, int vectors, int64_t first, int64_t count) {
  const uint8x16_t flip = vdupq_n_u8(a.flip ^ 0x80), pad = vdupq_n_u8(a.pad_value ^ a.flip ^ 0x80);
  uint8_t* to = a.scratch;
  for (int64_t column = first; column < first + count; ++column) {
    const bool is_inside = column >= 0 && column < a.columns;
    for (int g = 0; g < a.row_groups; ++g) {
      for (int v = 0; v < vectors; ++v, to += kBytes) {
        uint8x16x4_t rows = {{pad, pad, pad, pad}};
        if (is_inside) {
          const int64_t at = column * a.pixel_stride + 16 * v;
          repeat<kRowGroup>(ML_EACH(r) { rows.val[r] = veorq_u8(vld1q_u8(a.rows[g * kRowGroup + r] + at), flip); });
        }
        vst4q_u8(to, rows);
      }
    }
  }
}

// Which output rows a call computes, and of what.
template <int kRows>
struct OutputRows {
  const DepthwiseWeightsQ8* weights[kRows];
  uint8_t* out[kRows];
};

// Output columns [x, x + kColumns) of each row, 16 channels; `in` is the scratch's column of x's first tap.
template <int kColumns, int kRows, EndingQ8 kEnding>
ALWAYS_INLINE void outputs(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const OutputRows<kRows>& rows,
                           const uint8_t* in, int x, int v, const OutputVectors& output) {
  const RequantizeQ8& b = block.requantize[v];
  const int64_t group_step = int64_t{kBytes} * block.vectors, line = group_step * a.row_groups;
  const int64_t tap_step = line * a.dilation, column_step = line * a.stride;
  Sums16 first;
  repeat<4>(ML_EACH(i) { first.of[i] = start_of<kEnding>(b, i); });
  Products<kRows * kColumns> products;
  products.start(first);
  const auto* start = reinterpret_cast<const int8_t*>(in) + kBytes * v;
  const auto add = [&](auto taps, int kx, int g) __attribute__((always_inline)) {
    const int8_t* from = start + kx * tap_step + g * group_step;
    const int64_t tap = kx * line + g * group_step + kBytes * v;  // weights lie as one column after the other
    repeat<kColumns>(ML_EACH(c) {
      repeat<kRows>(ML_EACH(r) {
        products.template add<decltype(taps)::value>(decltype(r)::value * kColumns + decltype(c)::value,
                                                     from + c * column_step, tap_step, rows.weights[r]->taps + tap,
                                                     line);
      });
    });
  };
  for (int g = 0; g < a.row_groups; ++g) {
    int kx = 0;
    for (; kx + ML_TAPS <= a.taps; kx += ML_TAPS) add(Index<ML_TAPS>(), kx, g);
    for (; kx < a.taps; ++kx) add(Index<1>(), kx, g);
  }
  repeat<kRows>(ML_EACH(r) {
    const DepthwiseWeightsQ8& w = *rows.weights[r];
    for (int e = v == 0 ? 0 : w.extra_end[v - 1]; e < w.extra_end[v]; ++e) {
      const int8_t* from = start + w.extra[e].tap * tap_step + w.extra[e].group * group_step;
      repeat<kColumns>(ML_EACH(c) {
        products.template add<1>(decltype(r)::value * kColumns + decltype(c)::value, from + c * column_step, 0,
                                 w.extra_taps + int64_t{kBytes} * e, 0);
      });
    }
  });
  products.finish();
  repeat<kRows>(ML_EACH(r) {
    Sums16 sums[kColumns];
    repeat<kColumns>(ML_EACH(c) { sums[c] = products.sums[r * kColumns + c]; });
    finish<kEnding, kColumns>(sums, b, a.output, output, block.channels - 16 * v,
                              rows.out[r] + x * a.out_stride + 16 * v, a.out_stride);
  });
}

// Rows of chunks of nearly the same length. The last columns of a chunk are computed together with some before them,
// once more.
template <int kRows, EndingQ8 kEnding>
void row(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const OutputRows<kRows>& rows) {
  constexpr int kColumns = ML_SUMS / kRows;
  const OutputVectors output = output_vectors(a.output);
  const int64_t column_step = int64_t{kBytes} * block.vectors * a.row_groups * a.stride;
  const int chunks = (a.out_columns + kDepthwiseChunk - 1) / kDepthwiseChunk;
  for (int chunk = 0, x0 = 0; chunk < chunks; ++chunk) {
    const int count = (a.out_columns - x0 + (chunks - chunk) - 1) / (chunks - chunk);
    interleave(a, block.vectors, int64_t{x0} * a.stride - a.pad_left,
               int64_t{count - 1} * a.stride + int64_t{a.taps - 1} * a.dilation + 1);
    for (int v = 0; v < block.vectors; ++v) {
      if (count < kColumns) {  // seldom, and few
        for (int x = 0; x < count; ++x) {
          outputs<1, kRows, EndingQ8::exact>(block, a, rows, a.scratch + x * column_step, x0 + x, v, output);
        }
        continue;
      }
      for (int next = 0; next < count; next += kColumns) {
        const int x = next + kColumns <= count ? next : count - kColumns;
        outputs<kColumns, kRows, kEnding>(block, a, rows, a.scratch + x * column_step, x0 + x, v, output);
      }
    }
    x0 += count;
  }
}

template <int kRows>
void row_of(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const OutputRows<kRows>& rows) {
  with_ending(block.ending, [&](auto ending) { row<kRows, decltype(ending)::value>(block, a, rows); });
}

}  // namespace

void ML_KERNEL_NAME(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a);

void ML_KERNEL_NAME(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  if (a.out[0] != nullptr && a.out[1] != nullptr) {
    return row_of<2>(block, a, {{&block.weights[0], &block.weights[1]}, {a.out[0], a.out[1]}});
  }
  for (const int r : {0, 1}) {
    if (a.out[r] != nullptr) row_of<1>(block, a, {{&block.weights[r]}, {a.out[r]}});
  }
}

}  // namespace monolite::kernels
