#include "kernels/depthwise_q8/depthwise_q8.h"

namespace monolite::kernels {

namespace {

void one_row(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a, const DepthwiseWeightsQ8& weights, uint8_t* out) {
  const int width = block.vectors * 16;
  for (int x = 0; x < a.out_columns; ++x) {
    int32_t acc[kDepthwiseChannels];
    for (int c = 0; c < width; ++c) acc[c] = block.requantize[c / 16].bias[c % 16];
    for (int kx = 0; kx < a.taps; ++kx) {
      const int64_t column = int64_t{x} * a.stride + int64_t{kx} * a.dilation - a.pad_left;
      const bool inside = column >= 0 && column < a.columns;
      for (int row = 0; row < a.row_groups * kRowGroup; ++row) {
        const uint8_t* in = a.rows[row] + (inside ? column * a.pixel_stride : 0);
        const int64_t tap = (int64_t{kx} * a.row_groups + row / kRowGroup) * width * kRowGroup + row % kRowGroup;
        for (int c = 0; c < block.channels; ++c) {
          const int value = (inside ? in[c] : a.pad_value) ^ a.flip;
          acc[c] += value * weights.taps[tap + c * kRowGroup];
        }
      }
    }
    for (int v = 0, e = 0; v < block.vectors; ++v) {
      for (; e < weights.extra_end[v]; ++e) {
        const int64_t column = int64_t{x} * a.stride + int64_t{weights.extra[e].tap} * a.dilation - a.pad_left;
        const bool inside = column >= 0 && column < a.columns;
        for (int i = 0; i < 16 * kRowGroup; ++i) {
          const int c = 16 * v + i / kRowGroup;
          if (c >= block.channels) break;
          const uint8_t* in = a.rows[weights.extra[e].group * kRowGroup + i % kRowGroup];
          const int value = (inside ? in[column * a.pixel_stride + c] : a.pad_value) ^ a.flip;
          acc[c] += value * weights.extra_taps[e * 16 * kRowGroup + i];
        }
      }
    }
    for (int c = 0; c < block.channels; ++c) {
      out[x * a.out_stride + c] = requantize_q8(acc[c], block.requantize[c / 16], c % 16, a.output);
    }
  }
}

}  // namespace

void depthwise_q8_portable(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
  for (const int row : {0, 1}) {
    if (a.out[row] != nullptr) one_row(block, a, block.weights[row], a.out[row]);
  }
}

}  // namespace monolite::kernels
