#include "ops/leaky_relu.h"

#include <fmt/format.h>

#include <cmath>

#include "base/fixed_point.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const LeakyRelu& a) {
  ML_TRY(expect_unary(n, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  if (n.dtype(0) != DType::float32 && !std::isfinite(a.alpha)) {
    return Unexpected(n.fail(fmt::format("alpha {}", a.alpha), "a finite number"));
  }
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const LeakyRelu&) { return same_shape(n); }

template <class T>
void quantized(const Evaluation& n, const LeakyRelu& a) {
  // In float32, as LiteRT's kernel divides. The multiplier is of |alpha|: fixed point wants it positive.
  const float same = n.scale(0) / n.output_scale(0), scaled = n.scale(0) * std::abs(a.alpha) / n.output_scale(0);
  const Multiplier positive = quantize_multiplier(static_cast<double>(same));
  const Multiplier negative = quantize_multiplier(static_cast<double>(scaled));
  const int32_t sign = a.alpha < 0 ? -1 : 1;
  const Range<int32_t> range = quantized_range(n, Activation::none);
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  map_unary<T, T>(n, [&](int32_t value) {
    const int32_t x = value - zero_point;
    const int32_t y = x >= 0 ? multiply(x, positive) : sign * multiply(x, negative);
    return clamp(y + output_zero_point, range);
  });
}

Expected<void> reference(const Evaluation& n, const LeakyRelu& a) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, [&](float x) { return x > 0 ? x : x * a.alpha; });
      break;
    case DType::uint8:
      quantized<uint8_t>(n, a);
      break;
    case DType::int8:
      quantized<int8_t>(n, a);
      break;
    default:
      quantized<int16_t>(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef leaky_relu;
const OpDef leaky_relu = define<LeakyRelu>({.code = OpCode::LEAKY_RELU,
                                            .options = "LeakyReluOptions",
                                            .verify = verify,
                                            .infer = infer,
                                            .reference = reference});

}  // namespace monolite::ops
