// MATRIX_SET_DIAG: the matrices of input 0 with input 1 on their diagonals.

#include <algorithm>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kDiagonal = 1;

// [..., min(rows, columns)]
Shape diagonal_shape(const Shape& matrices) {
  Shape s(matrices.begin(), matrices.end() - 1);
  s[s.rank() - 1] = std::min(matrices.back(0), matrices.back(1));
  return s;
}

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_same_dtype(kDiagonal, 0));
  if (n.shape(kInput).rank() < 2)
    return Unexpected(n.fail_input(kInput, "shape " + to_string(n.shape(kInput)), "matrices"));
  const Shape expected = diagonal_shape(n.shape(kInput));
  if (n.shape(kDiagonal) == expected) return {};
  return Unexpected(n.fail_input(kDiagonal, "shape " + to_string(n.shape(kDiagonal)), to_string(expected)));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(kInput)}; }

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  const Shape& in = n.shape(kInput);
  const int64_t matrices = in.elements(0, in.rank() - 2), rows = in.back(1), columns = in.back(0);
  const View diagonals{{matrices, std::min(rows, columns)}, {rows * columns, columns + 1}, 0};
  Copies all{copy_whole(kInput, View::dense(in)), copy_whole(kDiagonal, View::dense(diagonals.extents))};
  all[1].to = diagonals;
  return all;
}

}  // namespace

extern const OpDef matrix_set_diag;
const OpDef matrix_set_diag = define<NoAttributes>({.code = OpCode::MATRIX_SET_DIAG,
                                                    .options = "MatrixSetDiagOptions",
                                                    .verify = verify,
                                                    .infer = infer,
                                                    .copies = copies});

}  // namespace monolite::ops
