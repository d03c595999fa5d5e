// SPLIT: equal parts of input 1 along the dimension that input 0 names.

#include <fmt/format.h>

#include "ops/split_parts.h"

namespace monolite::ops {
namespace {

constexpr int kAxis = 0, kInput = 1;

Expected<void> verify(const NodeView& n, const Split&) {
  ML_TRY(n.expect_inputs(2, 2));
  return verify_split(n, kInput, kAxis);
}

Expected<Shapes> infer(const NodeView& n, const Split&) {
  ML_ASSIGN(const int axis, split_axis(n, kInput, kAxis));
  const int32_t size = n.shape(kInput)[axis];
  if (size % n.output_count() != 0) {
    return Unexpected(n.fail(fmt::format("{} slices for {} outputs", size, n.output_count()), "equal parts"));
  }
  const std::vector<int64_t> sizes(static_cast<size_t>(n.output_count()), size / n.output_count());
  return split_shapes(n.shape(kInput), axis, sizes);
}

Expected<Copies> copies(const NodeView& n, const Split&) { return split_copies(n, kInput, kAxis); }

}  // namespace

extern const OpDef split;
const OpDef split = define<Split>(
    {.code = OpCode::SPLIT, .options = "SplitOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
