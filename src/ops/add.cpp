#include "ops/add.h"

#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/quantized_sum.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Add& a) {
  ML_TRY(expect_binary(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  if (is_plain_int16(n)) return {};
  ML_TRY(expect_quantized_io(n));
  if (!is_power_of_two_sum(n, a.pot_scale_int16)) return {};
  if (n.shape(0).elements() != n.shape(1).elements()) {
    return Unexpected(n.fail("pot_scale_int16 with shapes " + to_string(n.shape(0)) + " and " + to_string(n.shape(1)),
                             "equal shapes", "clear pot_scale_int16"));
  }
  ML_TRY(power_of_two_sum(n, a.fused_activation_function, 1));
  return {};
}

Expected<Shapes> infer(const NodeView& n, const Add&) { return binary_shape(n); }

Expected<void> reference(const Evaluation& n, const Add& a) {
  return reference_sum(n, a.fused_activation_function, a.pot_scale_int16, 1);
}

}  // namespace

extern const OpDef add;
const OpDef add = define<Add>(
    {.code = OpCode::ADD, .options = "AddOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
