// NON_MAX_SUPPRESSION_V5: as V4, with the scores as output 1 and a sigma by which overlapping lowers a score
// instead of taking the box away.

#include <fmt/format.h>

#include "ops/non_max_suppression.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kIndices = 0, kScores = 1, kCount = 2;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(verify_suppression(n, 6));
  ML_TRY(n.expect_outputs(3));
  ML_TRY(n.expect_output_dtype(kIndices, {DType::int32}));
  ML_TRY(n.expect_output_dtype(kScores, {DType::float32}));
  return n.expect_output_dtype(kCount, {DType::int32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const int32_t most, most_boxes(n));
  return Shapes{{most}, {most}, {}};
}

Cost cost(const NodeView& n, const NoAttributes&) { return {.visits = suppression_visits(n)}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const float sigma = n.data<float>(nms::kSigma)[0];
  if (sigma < 0) return Unexpected(n.fail_input(nms::kSigma, fmt::format("{}", sigma), "0 or more"));
  *n.out<int32_t>(kCount) = suppress(n, sigma, n.out<int32_t>(kIndices), n.out<float>(kScores));
  return {};
}

}  // namespace

extern const OpDef non_max_suppression_v5;
const OpDef non_max_suppression_v5 = define<NoAttributes>({.code = OpCode::NON_MAX_SUPPRESSION_V5,
                                                           .options = "NonMaxSuppressionV5Options",
                                                           .verify = verify,
                                                           .infer = infer,
                                                           .cost = cost,
                                                           .reference = reference});

}  // namespace monolite::ops
