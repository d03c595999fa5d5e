#include "ops/requantize.h"

namespace monolite::ops {

std::vector<Multiplier> channel_multipliers(const NodeView& n, int input, int filter, int channels) {
  const std::vector<float>& filter_scale = n.input(filter).quantization.scale;
  const double output_scale = n.output_scale(0);
  std::vector<Multiplier> multipliers;
  for (int c = 0; c < channels; ++c) {
    const float s = filter_scale.size() > 1 ? filter_scale[static_cast<size_t>(c)] : filter_scale[0];
    const double product = n.dtype(input) == DType::uint8
                               ? static_cast<double>(n.scale(input) * s)
                               : static_cast<double>(n.scale(input)) * static_cast<double>(s);
    multipliers.push_back(quantize_multiplier(product / output_scale));
  }
  return multipliers;
}

}  // namespace monolite::ops
