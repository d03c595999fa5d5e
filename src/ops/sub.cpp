#include "ops/sub.h"

#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/quantized_sum.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Sub& a) {
  ML_TRY(expect_binary(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  ML_TRY(expect_quantized_io(n));
  if (!is_power_of_two_sum(n, a.pot_scale_int16)) return {};
  ML_TRY(power_of_two_sum(n, a.fused_activation_function, -1));
  return {};
}

Expected<Shapes> infer(const NodeView& n, const Sub&) { return binary_shape(n); }

template <class T>
void plain(const Evaluation& n, Range<T> range) {
  map_binary<T, T, T>(n, [&](T a, T b) { return clamp(static_cast<T>(a - b), range); });
}

template <class T>
void quantized(const Evaluation& n, const Sub& a) {
  map_binary<T, T, T>(n, quantized_sum(n, a.fused_activation_function, -1));
}

Expected<void> int16_reference(const Evaluation& n, const Sub& a) {
  if (!is_power_of_two_sum(n, a.pot_scale_int16)) {
    quantized<int16_t>(n, a);
    return {};
  }
  ML_ASSIGN(const auto sum, power_of_two_sum(n, a.fused_activation_function, -1));
  map_binary<int16_t, int16_t, int16_t>(n, sum);
  return {};
}

Expected<void> reference(const Evaluation& n, const Sub& a) {
  switch (n.dtype(0)) {
    case DType::float32:
      plain(n, float_range(a.fused_activation_function));
      break;
    case DType::uint8:
      quantized<uint8_t>(n, a);
      break;
    case DType::int8:
      quantized<int8_t>(n, a);
      break;
    case DType::int16:
      return int16_reference(n, a);
    case DType::int32:
      plain(n, integer_range<int32_t>(a.fused_activation_function));
      break;
    default:
      plain(n, integer_range<int64_t>(a.fused_activation_function));
  }
  return {};
}

}  // namespace

extern const OpDef sub;
const OpDef sub = define<Sub>(
    {.code = OpCode::SUB, .options = "SubOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
