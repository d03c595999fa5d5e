// FILL: a tensor of the shape that input 0 says, every element input 1.

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kShape = 0, kValue = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kShape, {DType::int32, DType::int64}));
  ML_TRY(n.expect_rank(kShape, 1));
  ML_TRY(expect_movable(n, kValue));
  ML_TRY(n.expect_same_dtype(kValue, 0));
  ML_TRY(expect_same_mapping(n, kValue, 0));
  if (n.shape(kValue).elements() == 1) return {};
  return Unexpected(n.fail_input(kValue, "shape " + to_string(n.shape(kValue)), "one element"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(Shape out, spelled_shape(n, kShape));
  return Shapes{std::move(out)};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  fill_view(n.data<std::byte>(kValue), n.out<std::byte>(0), View::dense(n.output_shape(0)),
            size_bytes(n.dtype(kValue)));
  return {};
}

}  // namespace

extern const OpDef fill;
const OpDef fill = define<NoAttributes>(
    {.code = OpCode::FILL, .options = "FillOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
