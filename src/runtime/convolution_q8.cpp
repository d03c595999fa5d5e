#include "runtime/convolution_q8.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/requantize_q8_table.h"
#include "ops/elementwise.h"
#include "ops/requantize.h"

namespace monolite::runtime {
namespace {

constexpr int kInput = 0, kFilter = 1, kBias = 2;

// The largest magnitude of a byte less its zero point.
int64_t most_of(DType type, int32_t zero_point) {
  const int32_t least = type == DType::int8 ? -128 : 0;
  return std::max(zero_point - least, least + 255 - zero_point);
}

// The magnitudes of each channel's weights, added up.
std::vector<int64_t> magnitudes(const ops::NodeView& n, int dimension) {
  const Shape& shape = n.shape(kFilter);
  const auto channels = static_cast<size_t>(shape[dimension]),
             inner = static_cast<size_t>(shape.elements(dimension + 1, shape.rank()));
  const bool is_signed = n.dtype(kFilter) == DType::int8;
  std::vector<int64_t> sums(channels);
  for (size_t i = 0; i < static_cast<size_t>(shape.elements()); ++i) {
    const int32_t w = is_signed ? n.data<int8_t>(kFilter)[i] : n.data<uint8_t>(kFilter)[i] - n.zero_point(kFilter);
    sums[i / inner % channels] += std::abs(w);
  }
  return sums;
}

bool stays_in_32_bits(const ops::NodeView& n, const ConvolutionQ8& c, int dimension) {
  const size_t channels = c.multipliers.size();
  const int64_t most_input = most_of(n.dtype(kInput), n.zero_point(kInput));
  const int64_t most_weight = n.dtype(kFilter) == DType::int8 ? 128 : most_of(DType::uint8, n.zero_point(kFilter));
  const auto stays = [&](const std::vector<int64_t>& weights) {
    for (size_t i = 0; i < channels; ++i) {
      const int64_t bias = c.bias.empty() ? 0 : std::abs(int64_t{c.bias[i]});
      if (!kernels::stays_in_32_bits_q8(c.multipliers[i], bias + most_input * weights[i])) return false;
    }
    return true;
  };
  // As if all weights were the largest that there are, which costs nothing; else as they are.
  const int64_t taps = n.shape(kFilter).elements() / static_cast<int64_t>(channels);
  return stays(std::vector<int64_t>(channels, most_weight * taps)) || stays(magnitudes(n, dimension));
}

}  // namespace

std::optional<ConvolutionQ8> convolution_q8(const Planner& planner, size_t node, ops::Activation activation,
                                            int dimension) {
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(kInput);
  const bool is_signed = type == DType::int8;
  if (!ops::is_8bit(type) || n.dtype(kFilter) != type || n.output_dtype(0) != type) return {};
  if (!planner.are_known(node, kFilter) || planner.is_known(planner.node(node).inputs[kInput]) ||
      n.output_shape(0).elements() == 0)
    return {};
  ConvolutionQ8 c;
  const int32_t channels = n.shape(kFilter)[dimension];
  c.multipliers = ops::channel_multipliers(n, kInput, kFilter, channels);
  const int32_t offset = is_signed ? 128 : 0;
  const int32_t filter_zero_point = is_signed ? 128 : n.zero_point(kFilter);  // an int8 filter's is 0
  c.flip = is_signed ? 0x80 : 0;
  c.input_zero_point = n.zero_point(kInput) + offset;
  c.pad_value = static_cast<uint8_t>(n.zero_point(kInput));
  c.cache = planner.weight_cache();
  c.node = node;
  if (c.cache != nullptr) c.packed = c.cache->find(node);
  if (c.packed.empty()) {
    const auto count = static_cast<size_t>(n.shape(kFilter).elements());
    c.weights = {{n.data<uint8_t>(kFilter), count}, c.flip, filter_zero_point};
  }
  if (n.has_input(kBias)) c.bias.assign(n.data<int32_t>(kBias), n.data<int32_t>(kBias) + channels);
  if (!stays_in_32_bits(n, c, dimension)) return {};
  const auto range = ops::quantized_range(n, activation);
  // A clamp whose bounds are the wrong way round is cut twice in the reference; leave it that.
  if (range.least > range.most) return {};
  c.output = {n.output_zero_point(0) + offset, static_cast<uint8_t>(std::clamp(range.least + offset, 0, 255)),
              static_cast<uint8_t>(std::clamp(range.most + offset, 0, 255)), c.flip};
  return c;
}

}  // namespace monolite::runtime
