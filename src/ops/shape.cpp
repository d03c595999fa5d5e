// SHAPE: the input's extents, a vector of int32 or int64.

#include <fmt/format.h>

#include "ops/op.h"

namespace monolite::ops {
namespace {

struct ShapeOp {  // the schema's ShapeOptions
  DType out_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("out_type", out_type);
  }
};

Expected<void> verify(const NodeView& n, const ShapeOp& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_output_dtype(0, {DType::int32, DType::int64}));
  if (a.out_type == n.output_dtype(0)) return {};
  return Unexpected(n.fail(fmt::format("out_type {}", name(a.out_type)),
                           fmt::format("{}, the output's type", name(n.output_dtype(0)))));
}

Expected<Shapes> infer(const NodeView& n, const ShapeOp&) { return Shapes{Shape{n.shape(0).rank()}}; }

Expected<void> reference(const Evaluation& n, const ShapeOp&) {
  const Shape& in = n.shape(0);
  for (int i = 0; i < in.rank(); ++i) {
    if (n.output_dtype(0) == DType::int32) {
      n.out<int32_t>(0)[i] = in[i];
    } else {
      n.out<int64_t>(0)[i] = in[i];
    }
  }
  return {};
}

}  // namespace

extern const OpDef shape;
const OpDef shape = define<ShapeOp>(
    {.code = OpCode::SHAPE, .options = "ShapeOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
