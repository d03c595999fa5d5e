#include "kernels/gemm_q8/gemm_q8.h"

namespace monolite::kernels {
namespace {

// Adds the products of one group of 4 elements to the accumulators of all channels.
void add_products(const uint8_t* a, uint8_t flip, const int8_t* weights, int channels, int32_t* acc) {
  for (int c = 0; c < channels; ++c) {
    for (int i = 0; i < kGroup; ++i) acc[c] += (a[i] ^ flip) * weights[c * kGroup + i];
  }
}

}  // namespace

void gemm_q8_portable(const PanelQ8& panel, const GemmQ8Args& args) {
  const int width = panel.vectors * kVector;
  for (int64_t row = 0; row < args.rows; ++row) {
    int32_t acc[kMostVectors * kVector];
    for (int c = 0; c < width; ++c) acc[c] = panel.requantize[c / kVector].bias[c % kVector];
    const int8_t* weights = panel.weights;
    const auto line = static_cast<int64_t>(width) * kGroup;
    for (int s = 0; s < args.segment_count; ++s) {
      const uint8_t* a = args.segments[s] + row * args.row_stride;
      for (int g = 0; g < args.groups; ++g, weights += line)
        add_products(a + g * kGroup, args.flip, weights, width, acc);
    }
    for (int e = 0; e < panel.extra_count; ++e, weights += line) {
      const uint8_t* a = args.segments[panel.extra[e].segment] + row * args.row_stride + panel.extra[e].offset;
      add_products(a, args.flip, weights, width, acc);
    }
    for (int c = 0; c < panel.channels; ++c) {
      args.out[row * args.out_stride + c] =
          requantize_q8(acc[c], panel.requantize[c / kVector], c % kVector, args.output);
    }
  }
}

}  // namespace monolite::kernels
