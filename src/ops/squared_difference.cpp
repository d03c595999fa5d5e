#include <algorithm>

#include "base/fixed_point.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_binary(n, {DType::float32, DType::int8, DType::int32}));
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

template <class T>
void plain(const Evaluation& n) {
  map_binary<T, T, T>(n, [](T a, T b) { return (a - b) * (a - b); });
}

// Both are brought to twice the larger input scale with 7 bits below the point, so that the square fits 32 bits.
void quantized(const Evaluation& n) {
  constexpr int left_shift = 7;
  const auto twice_larger = static_cast<double>(2 * std::max(n.scale(0), n.scale(1)));
  const auto output_steps = static_cast<double>(static_cast<float>(1 << (2 * left_shift)) * n.output_scale(0));
  const Multiplier a_multiplier = quantize_multiplier(static_cast<double>(n.scale(0)) / twice_larger);
  const Multiplier b_multiplier = quantize_multiplier(static_cast<double>(n.scale(1)) / twice_larger);
  const Multiplier square_multiplier = quantize_multiplier(twice_larger * twice_larger / output_steps);
  const Range<int32_t> range = quantized_range(n, Activation::none);
  const int32_t a_zero_point = n.zero_point(0), b_zero_point = n.zero_point(1);
  map_binary<int8_t, int8_t, int8_t>(n, [&, output_zero_point = n.output_zero_point(0)](int32_t a, int32_t b) {
    const int32_t difference = multiply((a - a_zero_point) * (1 << left_shift), a_multiplier) -
                               multiply((b - b_zero_point) * (1 << left_shift), b_multiplier);
    return clamp(multiply(difference * difference, square_multiplier) + output_zero_point, range);
  });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      plain<float>(n);
      break;
    case DType::int32:
      plain<int32_t>(n);
      break;
    default:
      quantized(n);
  }
  return {};
}

}  // namespace

extern const OpDef squared_difference;
const OpDef squared_difference = define<NoAttributes>({.code = OpCode::SQUARED_DIFFERENCE,
                                                       .options = "SquaredDifferenceOptions",
                                                       .verify = verify,
                                                       .infer = infer,
                                                       .reference = reference});

}  // namespace monolite::ops
