#include "ops/gelu.h"

#include <cmath>
#include <numbers>

#include "ops/elementwise.h"
#include "ops/lookup_table.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

// erfc keeps the digits that 1 + erf loses far below 0.
float exact(float x) { return 0.5f * x * std::erfc(x * static_cast<float>(-std::numbers::sqrt2 / 2)); }

float approximate(float x) {
  constexpr auto sqrt_2_over_pi = static_cast<float>(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
  return 0.5f * x * (1.0f + std::tanh(sqrt_2_over_pi * (x + 0.044715f * x * x * x)));
}

Expected<void> verify(const NodeView& n, const Gelu&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  if (n.dtype(0) == DType::float32) return {};
  ML_TRY(n.expect_quantized(0));
  return n.expect_output_quantized(0);
}

Expected<Shapes> infer(const NodeView& n, const Gelu&) { return same_shape(n); }

Expected<void> reference(const Evaluation& n, const Gelu& a) {
  const auto gelu_of = a.approximate ? approximate : exact;
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, gelu_of);
      break;
    case DType::uint8:
      map_byte_table(n, byte_table<uint8_t>(n, gelu_of));
      break;
    case DType::int8:
      map_byte_table(n, byte_table<int8_t>(n, gelu_of));
      break;
    default:
      map_unary<int16_t, int16_t>(n, ShortTable(n, gelu_of));
  }
  return {};
}

}  // namespace

extern const OpDef gelu;
const OpDef gelu = define<Gelu>(
    {.code = OpCode::GELU, .options = "GeluOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
