#include "runtime/convolution_q8.h"

#include <algorithm>

#include "ops/elementwise.h"
#include "ops/requantize.h"

namespace monolite::runtime {
namespace {

constexpr int kInput = 0, kFilter = 1, kBias = 2;

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
  const auto range = ops::quantized_range(n, activation);
  // A clamp whose bounds are the wrong way round is cut twice in the reference; leave it that.
  if (range.least > range.most) return {};
  c.output = {n.output_zero_point(0) + offset, static_cast<uint8_t>(std::clamp(range.least + offset, 0, 255)),
              static_cast<uint8_t>(std::clamp(range.most + offset, 0, 255)), c.flip};
  return c;
}

}  // namespace monolite::runtime
