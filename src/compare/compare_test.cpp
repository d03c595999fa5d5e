#include <gtest/gtest.h>

#include "compare/part.h"
#include "compare/structure.h"
#include "ir/builder.h"
#include "ops/add.h"

namespace monolite::compare {
namespace {

// x + c twice, then ABS where asked for.
Model sums(float first, float second, bool with_abs = false) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  TensorId last = b.input("x", DType::float32, {2});
  int i = 0;
  for (const float c : {first, second}) {
    const auto y = b.tensor("sum" + std::to_string(++i), DType::float32, {2});
    b.node(OpCode::ADD, {last, b.constant<float>("c", {1}, {c})}, {y}, "AddOptions", ops::Add{});
    last = y;
  }
  if (with_abs) {
    const auto y = b.tensor("abs", DType::float32, {2});
    b.node(OpCode::ABS, {last}, {y});
    last = y;
  }
  b.output(last);
  return m;
}

const std::vector<ops::Value> kInput = {{DType::float32, {2}, Buffer::of(std::vector<float>{1, -5})}};

TEST(Compare, FindsNothingBetweenEqualModels) {
  const Structure s = compare_structure(sums(1, 2), sums(1, 2));
  EXPECT_TRUE(s.is_same());
  EXPECT_EQ(s.weights_equal, 2);
  const auto search = first_parting(sums(1, 2), kInput, sums(1, 2), kInput, 0);
  ASSERT_TRUE(search);
  EXPECT_EQ(search->compared, 2);
  EXPECT_FALSE(search->first);
}

TEST(Compare, NamesTheNodeWhoseWeightsChanged) {
  const Structure s = compare_structure(sums(1, 2), sums(1, 3));
  ASSERT_EQ(s.changes.size(), 1u);
  EXPECT_EQ(s.changes[0].name, "sum2");
  EXPECT_EQ(s.changes[0].what, std::vector<std::string>{"input 1: other values"});
}

TEST(Compare, NamesNodesThatAreNew) {
  const Structure s = compare_structure(sums(1, 2), sums(1, 2, true));
  ASSERT_EQ(s.changes.size(), 1u);
  EXPECT_EQ(s.changes[0].kind, NodeChange::Kind::added);
  EXPECT_EQ(s.changes[0].op, "ABS");
  EXPECT_EQ(compare_structure(sums(1, 2, true), sums(1, 2)).changes[0].kind, NodeChange::Kind::removed);
}

TEST(Compare, FindsTheFirstTensorThatParts) {
  const auto search = first_parting(sums(1, 2, true), kInput, sums(1, 3, true), kInput, 1e-6);
  ASSERT_TRUE(search && search->first);
  EXPECT_EQ(search->first->name, "sum2");
  EXPECT_EQ(search->first->difference.max, 1);
}

TEST(Compare, TakesEqualBackendsForEqual) {
  const Model m = sums(1, 2, true);
  const auto search = first_parting_of_backends(m, kInput, 0);
  ASSERT_TRUE(search);
  EXPECT_FALSE(search->first);
}

TEST(Compare, ComparesRealNumbersAcrossTypes) {
  const ops::Value a{DType::uint8, {2}, Buffer::of(std::vector<uint8_t>{128, 130})};
  const ops::Value b{DType::int8, {2}, Buffer::of(std::vector<int8_t>{0, 3})};
  const Difference d = compare(a, per_tensor(0.5f, 128), b, per_tensor(0.5f, 0));
  EXPECT_EQ(d.differing, 1);
  EXPECT_EQ(d.max, 0.5);
  EXPECT_FALSE(d.agrees(1));
  EXPECT_EQ(to_string(d), "1 of 2 differ (50.000 %), at most by 0.5, by 0.25 on average");
}

}  // namespace
}  // namespace monolite::compare
