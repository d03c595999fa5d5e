#include "ops/non_max_suppression.h"

#include "ops/op.h"
#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

// Three boxes, the second close to the first, the third apart.
OneGraph graph(OpCode op, float sigma, int32_t most) {
  OneGraph g;
  const auto boxes = g.builder.input("boxes", DType::float32, {3, 4}),
             scores = g.builder.input("scores", DType::float32, {3});
  std::vector<TensorId> in = {boxes, scores, g.builder.constant<int32_t>("most", {}, {most}),
                              g.builder.constant<float>("overlap", {}, {0.5f}),
                              g.builder.constant<float>("least", {}, {0.1f})};
  std::vector<TensorId> out = {g.builder.tensor("indices", DType::int32, {})};
  if (op == OpCode::NON_MAX_SUPPRESSION_V5) {
    in.push_back(g.builder.constant<float>("sigma", {}, {sigma}));
    out.push_back(g.builder.tensor("taken", DType::float32, {}));
  }
  out.push_back(g.builder.tensor("count", DType::int32, {}));
  g.builder.node(op, in, out);
  for (const TensorId id : out) g.builder.output(id);
  return g;
}

std::vector<Value> inputs(float second_bottom) {
  return {value<float>({3, 4}, {0, 0, 1, 1, second_bottom, 1, 0, 0, 5, 5, 6, 6}),
          value<float>({3}, {0.6f, 0.9f, 0.8f})};
}

TEST(NonMaxSuppression, TakesTheBestAndLeavesWhatItCovers) {
  const auto out = evaluate(graph(OpCode::NON_MAX_SUPPRESSION_V4, 0, 4).model, inputs(1.5f));
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(elements<int32_t>((*out)[0]), (std::vector<int32_t>{1, 2, 0, 0}));
  EXPECT_EQ(elements<int32_t>((*out)[1]), (std::vector<int32_t>{2}));
}

TEST(NonMaxSuppression, LowersScoresByAGaussian) {
  const auto out = evaluate(graph(OpCode::NON_MAX_SUPPRESSION_V5, 0.5f, 3).model, inputs(3));  // a third is shared
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(elements<int32_t>((*out)[0]), (std::vector<int32_t>{1, 2, 0}));
  const float third = 1.0f / 3;
  EXPECT_FLOAT_EQ(elements<float>((*out)[1])[2], 0.6f * std::exp(-third * third));
  EXPECT_EQ(elements<int32_t>((*out)[2]), (std::vector<int32_t>{3}));
}

TEST(NonMaxSuppression, RefusesANegativeSigma) {
  auto g = graph(OpCode::NON_MAX_SUPPRESSION_V5, -1, 3);
  EXPECT_NE(g.error(inputs(3)).find("found     -1\n  expected  0 or more"), std::string::npos);
  auto none = graph(OpCode::NON_MAX_SUPPRESSION_V4, 0, -2);
  EXPECT_NE(none.error(inputs(3)).find("found     -2 boxes"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
