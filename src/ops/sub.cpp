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

Expected<void> reference(const Evaluation& n, const Sub& a) {
  return reference_sum(n, a.fused_activation_function, a.pot_scale_int16, -1);
}

}  // namespace

extern const OpDef sub;
const OpDef sub = define<Sub>(
    {.code = OpCode::SUB, .options = "SubOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
