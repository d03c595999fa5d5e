#include "ops/work.h"

#include "ops/infer_shapes.h"
#include "ops/limits.h"
#include "ops/pool.h"
#include "ops/resize_nearest_neighbor.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::OneGraph;
using testing::value;

int64_t work_of_first_node(const OneGraph& g) {
  const Inference inference = infer_shapes(g.model);
  return work(NodeView(g.model, 0, 0, inference.states));
}

TEST(SaturatedProduct, StopsAtTheLargestNumber) {
  EXPECT_EQ(saturated_product({int64_t{1} << 31, int64_t{1} << 31}), int64_t{1} << 62);
  EXPECT_EQ(saturated_product({int64_t{1} << 40, int64_t{1} << 40, 0}), 0);
  EXPECT_EQ(saturated_product({int64_t{1} << 40, int64_t{1} << 40, 3}), INT64_MAX);
}

TEST(Work, OfAPoolIsThePartsOfWindowsThatLieInThePicture) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 5, 7, 3});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::MAX_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::same, 1, 1, 1 << 30, 2});
  g.builder.output(y);
  EXPECT_EQ(work_of_first_node(g), 5 * 7 * 3 * 7 * 2);
}

TEST(WorkMeter, RefusesAnInferenceOfHours) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 1024, 1024, 1}, per_tensor(1.0f, 0));
  const auto y = g.builder.tensor("y", DType::int8, {}, per_tensor(1.0f, 0));
  g.builder.node(OpCode::AVERAGE_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::same, 1, 1, 1 << 30, 1 << 30});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<int8_t>({1, 1024, 1024, 1}, std::vector<int8_t>(1 << 20))}),
            "subgraph 0, node 0 AVERAGE_POOL_2D \"y\"\n"
            "  found     1099511627776 steps of work\n"
            "  expected  at most 274877906944 in one inference\n"
            "  to mend   use a smaller input; where the sizes look wrong, the file is damaged");
}

TEST(WorkMeter, AddsNodesUp) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1 << 12, 1 << 12, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::MAX_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::same, 1, 1, 1 << 13, 1});
  const Inference inference = infer_shapes(g.model);
  const NodeView n(g.model, 0, 0, inference.states);
  ASSERT_EQ(work(n), int64_t{1} << 36);
  WorkMeter meter;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(meter.add(n));
  EXPECT_FALSE(meter.add(n));
}

// Its loops over 2^62 pixels without channels would never end.
TEST(Compute, LeavesOutWhatHasNoElements) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 1, 0});
  const auto size = g.builder.constant<int32_t>("size", {2}, {INT32_MAX, INT32_MAX});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::RESIZE_NEAREST_NEIGHBOR, {x, size}, {y}, "ResizeNearestNeighborOptions",
                 ResizeNearestNeighbor{});
  std::vector<TensorState> states = infer_shapes(g.model).states;
  alignas(8) std::byte nothing[8];
  for (TensorState& s : states) s.data = nothing;
  EXPECT_TRUE(compute(Evaluation(g.model, 0, 0, states)));
}

}  // namespace
}  // namespace monolite::ops
