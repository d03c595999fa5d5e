#include "ops/op.h"
#include "ops/selection.h"

namespace monolite::ops {
namespace {

constexpr int kCondition = 0, kX = 1, kY = 2;

// The condition has x's shape, or is a scalar, or has one element for each slice of x's first dimension.
Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(verify_selection_types(n));
  const Shape& condition = n.shape(kCondition);
  const Shape& x = n.shape(kX);
  const bool one_element = condition.elements() == 1 && x.elements() == 1 && n.shape(kY).elements() == 1;
  const bool slices = condition.rank() == 1 && x.rank() > 0 && condition[0] == x[0];
  if (one_element) return {};
  if (x == n.shape(kY) && (condition == x || condition.rank() == 0 || slices)) return {};
  return Unexpected(n.fail("shapes " + to_string(condition) + ", " + to_string(x) + " and " + to_string(n.shape(kY)),
                           "a condition of the others' shape or of their first dimension", "SELECT_V2 broadcasts"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{selection_shape(n, n.shape(kX))}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  if (n.shape(kCondition) == n.shape(kX)) return select_elements(n, n.shape(kCondition));
  // Aligned with the first dimension instead of the last.
  Shape condition = n.shape(kCondition);
  while (condition.rank() > 0 && condition.rank() < n.shape(kX).rank()) condition.push_back(1);
  return select_elements(n, condition);
}

}  // namespace

extern const OpDef select;
const OpDef select = define<NoAttributes>(
    {.code = OpCode::SELECT, .options = "SelectOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
