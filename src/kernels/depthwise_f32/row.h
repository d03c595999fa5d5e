// The kernels' one source. A file for each instruction set includes it with ML_KERNEL_NAME defined.

#include <cstdint>

#include "kernels/depthwise_f32/depthwise_f32.h"

namespace monolite::kernels {
namespace {

constexpr int kChannels = 64;  // that are summed at once, in registers

template <bool kWhole>
void add_channels(const DepthwiseF32Args& a, int64_t x, int64_t first, int64_t count) {
  float acc[kChannels];
  const int64_t n = kWhole ? kChannels : count;
  for (int64_t c = 0; c < n; ++c) acc[c] = a.bias[first + c];
  for (int row = 0; row < a.row_count; ++row) {
    if (a.rows[row] == nullptr) continue;
    for (int tap = 0; tap < a.taps; ++tap) {
      const int64_t column = x * a.stride + tap * a.dilation - a.pad_left;
      if (column < 0 || column >= a.columns) continue;
      const float* in = a.rows[row] + column * a.channels + first;
      const float* w = a.weights + (int64_t{row} * a.taps + tap) * a.channels + first;
      for (int64_t c = 0; c < n; ++c) acc[c] += in[c] * w[c];
    }
  }
  float* out = a.out + x * a.channels + first;
  for (int64_t c = 0; c < n; ++c) {
    const float low = acc[c] < a.least ? a.least : acc[c];
    out[c] = low > a.most ? a.most : low;
  }
}

}  // namespace

void ML_KERNEL_NAME(const DepthwiseF32Args& args);

void ML_KERNEL_NAME(const DepthwiseF32Args& args) {
  for (int64_t first = 0; first < args.channels; first += kChannels) {
    const int64_t count = args.channels - first;
    for (int64_t x = 0; x < args.out_columns; ++x) {
      count >= kChannels ? add_channels<true>(args, x, first, count) : add_channels<false>(args, x, first, count);
    }
  }
}

}  // namespace monolite::kernels
