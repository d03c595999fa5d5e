// The source of the kernels on 256-bit vectors. A file for each instruction set includes it with ML_KERNEL_NAME,
// ML_ROWS (rows of a tile) and a struct Products defined; everything but the kernel itself is static.
//
// Products<kRows> holds the sums of 16 channels for each row of a tile:
//   start()                                           all 0
//   add<kFlip>(rows, row_stride, weights)             one group of 4 elements
//   sum(row, low, high)                               channels 0 to 7, and 8 to 15

#include <immintrin.h>

#include "kernels/gemm_q8/gemm_q8.h"
#include "kernels/repeat.h"
#include "kernels/requantize_q8_avx2.h"

namespace monolite::kernels {
namespace {

template <int kRows, bool kFlip>
ALWAYS_INLINE void tile(const PanelQ8& panel, const GemmQ8Args& args, int64_t row, int vector) {
  Products<kRows> products;
  products.start();
  const int8_t* weights = panel.weights + 64 * vector;
  const int64_t line = int64_t{64} * panel.vectors;
  for (int s = 0; s < args.segment_count; ++s) {
    const uint8_t* a = args.segments[s] + row * args.row_stride;
    for (int g = 0; g < args.groups; ++g, a += kGroup, weights += line) {
      products.template add<kFlip>(a, args.row_stride, weights);
    }
  }
  for (int e = 0; e < panel.extra_count; ++e, weights += line) {
    const uint8_t* a = args.segments[panel.extra[e].segment] + row * args.row_stride + panel.extra[e].offset;
    products.template add<kFlip>(a, args.row_stride, weights);
  }
  const RequantizeQ8& block = panel.requantize[vector];
  const auto* bias = reinterpret_cast<const __m256i*>(block.bias);
  const __m256i bias_low = _mm256_load_si256(bias), bias_high = _mm256_load_si256(bias + 1);
  repeat<kRows>(ML_EACH(r) {
    __m256i low, high;
    products.sum(r, low, high);
    finish(_mm256_add_epi32(low, bias_low), _mm256_add_epi32(high, bias_high), block, panel.ending, args.output,
           panel.channels - kVector * vector, args.out + (row + r) * args.out_stride + kVector * vector);
  });
}

template <bool kFlip>
void panel_rows(const PanelQ8& panel, const GemmQ8Args& args) {
  constexpr int kRows = ML_ROWS;
  for (int v = 0; v < panel.vectors; ++v) {
    int64_t row = 0;
    for (; row + kRows <= args.rows; row += kRows) tile<kRows, kFlip>(panel, args, row, v);
    for (; row < args.rows; ++row) tile<1, kFlip>(panel, args, row, v);
  }
}

}  // namespace

void ML_KERNEL_NAME(const PanelQ8& panel, const GemmQ8Args& args);

void ML_KERNEL_NAME(const PanelQ8& panel, const GemmQ8Args& args) {
  args.flip != 0 ? panel_rows<true>(panel, args) : panel_rows<false>(panel, args);
}

}  // namespace monolite::kernels
