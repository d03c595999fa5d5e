// RANK: how many dimensions the input has.

#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  return n.expect_output_dtype(0, {DType::int32});
}

Expected<Shapes> infer(const NodeView&, const NoAttributes&) { return Shapes{Shape{}}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  *n.out<int32_t>(0) = n.shape(0).rank();
  return {};
}

}  // namespace

extern const OpDef rank;
const OpDef rank = define<NoAttributes>(
    {.code = OpCode::RANK, .options = "RankOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
