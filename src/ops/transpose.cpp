// TRANSPOSE: dimension i of the output is dimension perm[i] of the input; perm is input 1.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kPerm = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kPerm, {DType::int32}));
  if (n.shape(kPerm) == Shape{n.shape(kInput).rank()}) return {};
  return Unexpected(n.fail_input(kPerm, "shape " + to_string(n.shape(kPerm)),
                                 fmt::format("{} dimensions to name", n.shape(kInput).rank())));
}

// Each dimension once.
Expected<std::vector<int>> permutation(const NodeView& n) {
  ML_ASSIGN(const auto values, n.ints(kPerm));
  std::vector<int> order;
  std::vector<bool> seen(values.size());
  for (const int64_t v : values) {
    ML_ASSIGN(const int axis, axis_of(n, v, static_cast<int>(values.size())));
    if (seen[static_cast<size_t>(axis)]) {
      return Unexpected(n.fail_input(kPerm, fmt::format("dimension {} twice", axis), "each dimension once"));
    }
    seen[static_cast<size_t>(axis)] = true;
    order.push_back(axis);
  }
  return order;
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto order, permutation(n));
  Shape out;
  for (const int k : order) out.push_back(n.shape(kInput)[k]);
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto order, permutation(n));
  return Copies{copy_whole(kInput, View::dense(n.shape(kInput)).permuted(order))};
}

}  // namespace

extern const OpDef transpose;
const OpDef transpose = define<NoAttributes>(
    {.code = OpCode::TRANSPOSE, .options = "TransposeOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
