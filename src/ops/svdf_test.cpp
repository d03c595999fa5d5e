#include "ops/op.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

struct Options {
  int32_t rank = 1;
  int64_t fused_activation_function = 0;
  template <class V>
  void visit(V&& v) {
    v("rank", rank);
    v("fused_activation_function", fused_activation_function);
  }
};

// Two filters over one feature and two steps.
OneGraph graph(int32_t rank) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1});
  const auto features = g.builder.constant<float>("features", {2, 1}, {1, 10});
  const auto time = g.builder.constant<float>("time", {2, 2}, {0.5f, 1, 2, 3});
  const auto state = g.builder.tensor("state", DType::float32, {1, 4});
  g.model.main().tensor(state).is_variable = true;
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::SVDF, {x, features, time, kNoTensor, state}, {y}, "SVDFOptions", Options{rank});
  g.builder.output(y);
  return g;
}

TEST(Svdf, RemembersTheStepsBefore) {
  const OneGraph g = graph(1);
  Evaluator e(g.model);
  const std::vector<Value> four = {value<float>({1, 1}, {4})}, two = {value<float>({1, 1}, {2})};
  EXPECT_EQ(elements<float>((*e.invoke(four))[0]), (std::vector<float>{4, 120}));
  EXPECT_EQ(elements<float>((*e.invoke(two))[0]), (std::vector<float>{0.5f * 4 + 2, 2 * 40 + 3 * 20}));
}

TEST(Svdf, AddsUpTheFiltersOfAUnit) {
  OneGraph g = graph(2);
  EXPECT_EQ(elements<float>(g.run({value<float>({1, 1}, {4})})), (std::vector<float>{124}));
}

TEST(Svdf, SaysThatTheRankDoesNotDivide) {
  OneGraph g = graph(3);
  EXPECT_NE(g.error({value<float>({1, 1}, {4})}).find("found     rank 3"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
