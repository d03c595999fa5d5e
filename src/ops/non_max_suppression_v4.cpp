// NON_MAX_SUPPRESSION_V4: the indices of boxes that don't cover each other, and how many they are.

#include "ops/non_max_suppression.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kIndices = 0, kCount = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(verify_suppression(n, 5));
  ML_TRY(n.expect_outputs(2));
  ML_TRY(n.expect_output_dtype(kIndices, {DType::int32}));
  return n.expect_output_dtype(kCount, {DType::int32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const int32_t most, most_boxes(n));
  return Shapes{{most}, {}};
}

Cost cost(const NodeView& n, const NoAttributes&) { return {.visits = suppression_visits(n)}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  *n.out<int32_t>(kCount) = suppress(n, 0, n.out<int32_t>(kIndices), nullptr);
  return {};
}

}  // namespace

extern const OpDef non_max_suppression_v4;
const OpDef non_max_suppression_v4 = define<NoAttributes>({.code = OpCode::NON_MAX_SUPPRESSION_V4,
                                                           .options = "NonMaxSuppressionV4Options",
                                                           .verify = verify,
                                                           .infer = infer,
                                                           .cost = cost,
                                                           .reference = reference});

}  // namespace monolite::ops
