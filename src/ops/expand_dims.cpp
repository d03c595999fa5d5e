// EXPAND_DIMS: the same elements with an extent of 1 put in at the place that input 1 names.

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kAxis = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(expect_same_mapping(n, kInput, 0));
  return n.expect_dtype(kAxis, {DType::int32, DType::int64});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const int64_t value, n.int_scalar(kAxis));
  const Shape& in = n.shape(kInput);
  ML_ASSIGN(const int axis, axis_of(n, value, in.rank() + 1));
  Shape out(in.begin(), in.begin() + axis);
  out.push_back(1);
  for (int i = axis; i < in.rank(); ++i) out.push_back(in[i]);
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  return Copies{copy_whole(kInput, View::dense(n.shape(kInput)))};
}

}  // namespace

extern const OpDef expand_dims;
const OpDef expand_dims = define<NoAttributes>(
    {.code = OpCode::EXPAND_DIMS, .options = "ExpandDimsOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
