#include "ops/relu_family.h"

#include <cmath>
#include <vector>

#include "base/fixed_point.h"
#include "ops/elementwise.h"

namespace monolite::ops {
namespace {

// A bound on output 0's quantized values, cut to its type.
template <class T>
Range<int32_t> bounds(const NodeView& n, Range<float> real) {
  const auto quantize = [&](float bound) {
    return n.output_zero_point(0) + truncate_to_int32(std::round(bound / n.output_scale(0)));
  };
  constexpr int32_t least = std::numeric_limits<T>::lowest(), most = std::numeric_limits<T>::max();
  return {std::max(least, quantize(real.least)), std::isinf(real.most) ? most : std::min(most, quantize(real.most))};
}

template <class T>
void quantized(const Evaluation& n, Range<float> real) {
  const Multiplier multiplier = quantize_multiplier(static_cast<double>(n.scale(0) / n.output_scale(0)));
  const Range<int32_t> range = bounds<T>(n, real);
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  map_unary<T, T>(n,
                  [&](T value) { return clamp(multiply(value - zero_point, multiplier) + output_zero_point, range); });
}

}  // namespace

Expected<void> verify_relu(const NodeView& n, std::initializer_list<DType> quantized) {
  ML_TRY(expect_unary(n, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  if (n.dtype(0) == DType::float32) return {};
  ML_TRY(n.expect_dtype(0, quantized));
  return expect_quantized_io(n);
}

Expected<void> relu_reference(const Evaluation& n, Range<float> range) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, [range](float x) { return clamp(x, range); });
      break;
    case DType::uint8:
      quantized<uint8_t>(n, range);
      break;
    case DType::int8:
      quantized<int8_t>(n, range);
      break;
    default:
      quantized<int16_t>(n, range);
  }
  return {};
}

}  // namespace monolite::ops
