// SPLIT_V: parts of input 0 along the dimension that input 2 names; input 1 has their sizes, one of them may be -1: the
// rest.

#include <fmt/format.h>

#include "ops/split_parts.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kSizes = 1, kAxis = 2;

Expected<void> verify(const NodeView& n, const Split&) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(verify_split(n, kInput, kAxis));
  ML_TRY(n.expect_dtype(kSizes, {DType::int32, DType::int64}));
  if (n.shape(kSizes) == Shape{n.output_count()}) return {};
  return Unexpected(n.fail_input(kSizes, "shape " + to_string(n.shape(kSizes)),
                                 fmt::format("{} sizes, one for each output", n.output_count())));
}

Expected<Shapes> infer(const NodeView& n, const Split&) {
  ML_ASSIGN(const int axis, split_axis(n, kInput, kAxis));
  ML_ASSIGN(auto sizes, n.ints(kSizes));
  const int64_t slices = n.shape(kInput)[axis];
  const auto misfit = [&] {
    return Unexpected(n.fail_input(kSizes, "sizes that do not fit", fmt::format("{} slices in all", slices)));
  };
  int64_t sum = 0;
  int64_t* rest = nullptr;
  for (int64_t& s : sizes) {
    if (s < -1 || s > slices || (s == -1 && rest != nullptr)) return misfit();
    if (s == -1) {
      rest = &s;
    } else {
      sum += s;
    }
  }
  if (rest != nullptr) {
    *rest = slices - sum;
    sum = slices;
  }
  if (sum != slices || (rest != nullptr && *rest < 0)) return misfit();
  return split_shapes(n.shape(kInput), axis, sizes);
}

Expected<Copies> copies(const NodeView& n, const Split&) { return split_copies(n, kInput, kAxis); }

}  // namespace

extern const OpDef split_v;
const OpDef split_v = define<Split>(
    {.code = OpCode::SPLIT_V, .options = "SplitVOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
