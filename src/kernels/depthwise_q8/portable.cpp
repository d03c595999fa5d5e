#include "kernels/depthwise_q8/depthwise_q8.h"

namespace monolite::kernels {

void depthwise_q8_portable(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& a) {
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
          for (int set = 0; set < block.sets; ++set) {
            acc[c] += value * block.weights[set * a.taps * a.row_groups * width * kRowGroup + tap + c * kRowGroup];
          }
        }
      }
    }
    for (int c = 0; c < block.channels; ++c) {
      a.out[x * a.out_stride + c] = requantize_q8(acc[c], block.requantize[c / 16], c % 16, a.output);
    }
  }
}

}  // namespace monolite::kernels
