#include "ops/batch_matmul.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(BatchMatMul, BroadcastsTheOuterDimensions) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {2, 1, 2});
  const auto w = g.builder.constant<float>("w", {2, 2}, {1, 2, 3, 4});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::BATCH_MATMUL, {x, w}, {y}, "BatchMatMulOptions", BatchMatMul{});
  g.builder.output(y);
  const Value out = g.run({value<float>({2, 1, 2}, {1, 0, 0, 1})});
  EXPECT_EQ(out.shape, (Shape{2, 1, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 2, 3, 4}));
}

TEST(BatchMatMul, TakesEitherSideTransposed) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {2, 1});
  const auto w = g.builder.constant<float>("w", {3, 2}, {1, 2, 3, 4, 5, 6});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::BATCH_MATMUL, {x, w}, {y}, "BatchMatMulOptions", BatchMatMul{.adj_x = true, .adj_y = true});
  g.builder.output(y);
  const Value out = g.run({value<float>({2, 1}, {1, 10})});
  EXPECT_EQ(out.shape, (Shape{1, 3}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{21, 43, 65}));
}

TEST(BatchMatMul, SaysWhatDoesNotFit) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 3});
  const auto w = g.builder.constant<float>("w", {2, 1}, {1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::BATCH_MATMUL, {x, w}, {y}, "BatchMatMulOptions", BatchMatMul{});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1, 3}, {1, 2, 3})}),
            "subgraph 0, node 0 BATCH_MATMUL \"y\"\n"
            "  found     1x3 times 2x1\n"
            "  expected  3 rows on the right, outer dimensions that broadcast");
}

}  // namespace
}  // namespace monolite::ops
