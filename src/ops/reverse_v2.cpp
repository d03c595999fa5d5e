// REVERSE_V2: backwards along the dimensions that input 1 names.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kAxes = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kAxes, {DType::int32}));
  return n.expect_rank(kAxes, 1);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(kInput)}; }

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto axes, n.ints(kAxes));
  View view = View::dense(n.shape(kInput));
  std::vector<bool> seen(view.extents.size());
  for (const int64_t a : axes) {
    ML_ASSIGN(const int axis, axis_of(n, a, view.rank()));
    if (seen[static_cast<size_t>(axis)]) {
      return Unexpected(n.fail_input(kAxes, fmt::format("dimension {} twice", axis), "each dimension once"));
    }
    seen[static_cast<size_t>(axis)] = true;
    const int64_t extent = n.shape(kInput)[axis];
    view = view.take(axis, extent - 1, extent, -1);
  }
  return Copies{copy_whole(kInput, view)};
}

}  // namespace

extern const OpDef reverse_v2;
const OpDef reverse_v2 = define<NoAttributes>(
    {.code = OpCode::REVERSE_V2, .options = "ReverseV2Options", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
