#include "ops/div.h"

#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/reciprocal.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Div& a) {
  ML_TRY(expect_binary(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32}));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const Div&) { return binary_shape(n); }

// a / b by the reciprocal of b: |a| is shifted left as far as it goes, and that shift and the reciprocal's are undone
// together with the scales.
struct QuantizedQuotient {
  int32_t a_zero_point, b_zero_point, output_zero_point;
  Multiplier multiplier;
  Range<int32_t> range;

  int32_t operator()(int32_t a_value, int32_t b_value) const {
    int32_t a = a_value - a_zero_point, b = b_value - b_zero_point;
    if (b < 0) {
      a = -a;
      b = -b;
    }
    const Reciprocal inverse = reciprocal(b, 31);
    const int headroom = std::countl_zero(static_cast<uint32_t>(a < 0 ? ~a : a)) - 1;
    const int32_t quotient = saturating_rounding_doubling_high_mul(wrapping_shift_left(a, headroom), inverse.mantissa);
    const int32_t scaled = saturating_rounding_doubling_high_mul(quotient, multiplier.mantissa);
    const int right_shift = inverse.shift + headroom - multiplier.shift;
    return clamp(rounding_divide_as_x86(scaled, right_shift) + output_zero_point, range);
  }
};

template <class T>
Expected<void> quantized(const Evaluation& n, const Div& a) {
  ML_TRY(expect_no_zero_divisor(n, static_cast<T>(n.zero_point(1))));
  const float real = n.scale(0) / (n.scale(1) * n.output_scale(0));
  map_binary<T, T, T>(n, QuantizedQuotient{n.zero_point(0), n.zero_point(1), n.output_zero_point(0),
                                           quantize_multiplier(static_cast<double>(real)),
                                           quantized_range(n, a.fused_activation_function)});
  return {};
}

Expected<void> integers(const Evaluation& n, const Div& a) {
  ML_TRY(expect_no_zero_divisor(n, int32_t{0}));
  const Range<int32_t> range = integer_range<int32_t>(a.fused_activation_function);
  map_binary<int32_t, int32_t, int32_t>(
      n, [&](int64_t x, int64_t y) { return clamp(static_cast<int32_t>(x / y), range); });
  return {};
}

Expected<void> reference(const Evaluation& n, const Div& a) {
  switch (n.dtype(0)) {
    case DType::uint8:
      return quantized<uint8_t>(n, a);
    case DType::int8:
      return quantized<int8_t>(n, a);
    case DType::int16:
      return quantized<int16_t>(n, a);
    case DType::int32:
      return integers(n, a);
    default:
      break;
  }
  const Range<float> range = float_range(a.fused_activation_function);
  map_binary<float, float, float>(n, [&](float x, float y) { return clamp(x / y, range); });
  return {};
}

}  // namespace

extern const OpDef div;
const OpDef div = define<Div>(
    {.code = OpCode::DIV, .options = "DivOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
