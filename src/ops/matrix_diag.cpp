// MATRIX_DIAG: [..., N] -> [..., N, N], the input on the diagonals, 0 elsewhere.

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, 0));
  ML_TRY(n.expect_same_dtype(0, 0));
  if (n.shape(0).rank() >= 1) return {};
  return Unexpected(n.fail_input(0, "a scalar", "at least one dimension"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  Shape out = n.shape(0);
  out.push_back(out.back(0));
  return Shapes{out};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const Shape& out = n.output_shape(0);
  const int64_t zero = 0, size = out.back(0), matrices = out.elements(0, out.rank() - 2);
  const int bytes = size_bytes(n.dtype(0));
  fill_view(reinterpret_cast<const std::byte*>(&zero), n.out<std::byte>(0), View::dense(out), bytes);
  const View diagonals{{matrices, size}, {size * size, size + 1}, 0};
  copy_view(n.data<std::byte>(0), View::dense(diagonals.extents), n.out<std::byte>(0), diagonals, bytes);
  return {};
}

}  // namespace

extern const OpDef matrix_diag;
const OpDef matrix_diag = define<NoAttributes>({.code = OpCode::MATRIX_DIAG,
                                                .options = "MatrixDiagOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .reference = reference});

}  // namespace monolite::ops
