// The source of the kernels on 128-bit vectors of aarch64. A file for each instruction set includes it with
// ML_KERNEL_NAME, ML_ROWS (rows of a tile), ML_GROUPS (of 4 elements that are loaded at once, 4 or 2) and a struct
// Products defined; everything but the kernel itself is static.
//
// Products<kRows> holds the sums of 16 channels for each row of a tile:
//   start(first)                                      `first`: what a row starts from
//   add<kGroups>(x, weights, line)                    ML_GROUPS groups or one of each row, signed, the first of a
//                                                     vector; their weights lie `line` bytes apart
//   finish()                                          the sums

#include <arm_neon.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_neon.h"

namespace monolite::kernels {
namespace {

// The first groups of each row; unsigned ones less 128.
template <int kRows, bool kFlip, int kGroups>
ALWAYS_INLINE void load_rows(const uint8_t* a, int64_t row_stride, int8x16_t (&x)[kRows]) {
  repeat<kRows>(ML_EACH(r) {
    const uint8_t* from = a + r * row_stride;
    uint8x16_t bytes;
    if constexpr (kGroups == 4) {
      bytes = vld1q_u8(from);
    } else if constexpr (kGroups == 2) {
      bytes = vcombine_u8(vld1_u8(from), vdup_n_u8(0));
    } else {
      uint32_t four;
      __builtin_memcpy(&four, from, sizeof(four));
      bytes = vreinterpretq_u8_u32(vdupq_n_u32(four));
    }
    x[r] = vreinterpretq_s8_u8(kFlip ? veorq_u8(bytes, vdupq_n_u8(0x80)) : bytes);
  });
}

template <int kRows, bool kFlip, EndingQ8 kEnding>
ALWAYS_INLINE void tile(const PanelQ8& panel, const GemmQ8Args& args, const OutputVectors& output, int64_t row,
                        int vector) {
  const RequantizeQ8& block = panel.requantize[vector];
  Sums16 first;
  repeat<4>(ML_EACH(i) { first.of[i] = start_of<kEnding>(block, i); });
  Products<kRows> products;
  products.start(first);
  const int8_t* weights = panel.weights + 64 * vector;
  const int64_t line = int64_t{64} * panel.vectors;
  int8x16_t x[kRows];
  for (int s = 0; s < args.segment_count; ++s) {
    const uint8_t* a = args.segments[s] + row * args.row_stride;
    int g = 0;
    for (; g + ML_GROUPS <= args.groups; g += ML_GROUPS, a += ML_GROUPS * kGroup, weights += ML_GROUPS * line) {
      load_rows<kRows, kFlip, ML_GROUPS>(a, args.row_stride, x);
      products.template add<ML_GROUPS>(x, weights, line);
    }
    for (; g < args.groups; ++g, a += kGroup, weights += line) {
      load_rows<kRows, kFlip, 1>(a, args.row_stride, x);
      products.template add<1>(x, weights, line);
    }
  }
  for (int e = 0; e < panel.extra_count; ++e, weights += line) {
    const uint8_t* a = args.segments[panel.extra[e].segment] + row * args.row_stride + panel.extra[e].offset;
    load_rows<kRows, kFlip, 1>(a, args.row_stride, x);
    products.template add<1>(x, weights, line);
  }
  products.finish();
  finish<kEnding, kRows>(products.sums, block, args.output, output, panel.channels - kVector * vector,
                         args.out + row * args.out_stride + kVector * vector, args.out_stride);
}

// The last rows are computed together with some before them, once more.
template <bool kFlip, EndingQ8 kEnding>
void panel_rows(const PanelQ8& panel, const GemmQ8Args& args) {
  constexpr int kRows = ML_ROWS;
  const OutputVectors output = output_vectors(args.output);
  for (int v = 0; v < panel.vectors; ++v) {
    if (args.rows < kRows) {
      for (int64_t row = 0; row < args.rows; ++row) tile<1, kFlip, kEnding>(panel, args, output, row, v);
      continue;
    }
    for (int64_t row = 0; row < args.rows; row += kRows) {
      const int64_t last = args.rows - kRows;
      tile<kRows, kFlip, kEnding>(panel, args, output, row < last ? row : last, v);
    }
  }
}

template <bool kFlip>
void panel_ending(const PanelQ8& panel, const GemmQ8Args& args) {
  with_ending(panel.ending, [&](auto ending) { panel_rows<kFlip, decltype(ending)::value>(panel, args); });
}

}  // namespace

void ML_KERNEL_NAME(const PanelQ8& panel, const GemmQ8Args& args);

void ML_KERNEL_NAME(const PanelQ8& panel, const GemmQ8Args& args) {
  args.flip == 0 ? panel_ending<true>(panel, args) : panel_ending<false>(panel, args);
}

}  // namespace monolite::kernels
