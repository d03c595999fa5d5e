#include "runtime/convolution_q8.h"

#include <algorithm>

#include "ops/requantize.h"

namespace monolite::runtime {
namespace {

constexpr int kInput = 0, kFilter = 1, kBias = 2;

template <class T>
std::vector<int16_t> differences(const ops::NodeView& n, int32_t zero_point) {
  const auto count = static_cast<size_t>(n.shape(kFilter).elements());
  const T* w = n.data<T>(kFilter);
  std::vector<int16_t> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<int16_t>(w[i] - zero_point);
  return values;
}

}  // namespace

std::optional<ConvolutionQ8> convolution_q8(const Planner& planner, size_t node, ops::Activation activation,
                                            int dimension) {
  const ops::NodeView n = planner.view(node);
  const DType type = n.dtype(kInput);
  const bool is_signed = type == DType::int8;
  if ((type != DType::uint8 && !is_signed) || n.dtype(kFilter) != type || n.output_dtype(0) != type) return {};
  if (!planner.are_known(node, kFilter) || planner.is_known(planner.node(node).inputs[kInput]) ||
      n.output_shape(0).elements() == 0)
    return {};
  ConvolutionQ8 c;
  const int32_t channels = n.shape(kFilter)[dimension];
  c.multipliers = ops::channel_multipliers(n, kInput, kFilter, channels);
  const int32_t offset = is_signed ? 128 : 0;
  c.flip = is_signed ? 0x80 : 0;
  c.input_zero_point = n.zero_point(kInput) + offset;
  c.pad_value = static_cast<uint8_t>(n.zero_point(kInput));
  c.cache = planner.weight_cache();
  c.node = node;
  if (c.cache != nullptr) c.packed = c.cache->find(node);
  if (c.packed.empty()) {
    c.weights = is_signed ? differences<int8_t>(n, 0) : differences<uint8_t>(n, n.zero_point(kFilter));
  }
  if (n.has_input(kBias)) c.bias.assign(n.data<int32_t>(kBias), n.data<int32_t>(kBias) + channels);
  const auto range = ops::quantized_range(n, activation);
  // A clamp whose bounds are the wrong way round is cut twice in the reference; leave it that.
  if (range.least > range.most) return {};
  c.output = {n.output_zero_point(0) + offset, static_cast<uint8_t>(std::clamp(range.least + offset, 0, 255)),
              static_cast<uint8_t>(std::clamp(range.most + offset, 0, 255)), c.flip};
  return c;
}

Pieces pieces_of(int64_t rows, int64_t least_rows, int64_t most_rows, int threads) {
  constexpr int64_t kPerThread = 4;
  const int64_t wanted = threads > 1 ? (rows + kPerThread * threads - 1) / (kPerThread * threads) : rows;
  const int64_t size = std::clamp(wanted, std::min(least_rows, rows), std::max<int64_t>(1, most_rows));
  return {(rows + size - 1) / std::max<int64_t>(1, size), size};
}

}  // namespace monolite::runtime
