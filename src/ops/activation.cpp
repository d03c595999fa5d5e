#include "ops/activation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace monolite::ops {
namespace {

Range<int32_t> type_range(DType dtype) {
  switch (dtype) {
    case DType::uint8:
      return {0, 255};
    case DType::int8:
      return {-128, 127};
    case DType::int16:
      return {-32768, 32767};
    default:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
  }
}

}  // namespace

Expected<void> expect_clamp(const NodeView& n, Activation activation) {
  if (activation >= Activation::none && activation <= Activation::relu6) return {};
  return Unexpected(n.fail(fmt::format("fused activation {}", static_cast<int>(activation)),
                           "NONE, RELU, RELU_N1_TO_1 or RELU6", "put the activation behind as a node of its own"));
}

Range<float> float_range(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return {0.0f, std::numeric_limits<float>::max()};
    case Activation::relu_n1_to_1:
      return {-1.0f, 1.0f};
    case Activation::relu6:
      return {0.0f, 6.0f};
    default:
      return {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
  }
}

Range<int32_t> quantized_range(const NodeView& n, Activation activation, int output) {
  const Range<int32_t> type = type_range(n.output_dtype(output));
  const auto quantize = [&](float real) {
    const float steps = std::round(real / n.output(output).quantization.scale[0]);
    const auto zero_point = n.output(output).quantization.zero_point;
    const double value = (zero_point.empty() ? 0.0 : static_cast<double>(zero_point[0])) + static_cast<double>(steps);
    return static_cast<int32_t>(std::clamp(value, -2147483648.0, 2147483647.0));
  };
  switch (activation) {
    case Activation::relu:
      return {std::max(type.least, quantize(0.0f)), type.most};
    case Activation::relu_n1_to_1:
      return {std::max(type.least, quantize(-1.0f)), std::min(type.most, quantize(1.0f))};
    case Activation::relu6:
      return {std::max(type.least, quantize(0.0f)), std::min(type.most, quantize(6.0f))};
    default:
      return type;
  }
}

}  // namespace monolite::ops
