#include "ops/infer_shapes.h"

#include "ops/resize_bilinear.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::OneGraph;

TEST(InferShapes, FillsWhatTheFileLeavesOpen) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 3, 3, 5});
  const auto size = g.builder.constant<int32_t>("size", {2}, {7, 9});
  const auto y = g.builder.tensor("y", DType::uint8, {});
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", ResizeBilinear{});
  g.builder.output(y);
  EXPECT_EQ(infer_shapes(g.model).states[static_cast<size_t>(y)].shape, (Shape{1, 7, 9, 5}));
  EXPECT_EQ(infer_shapes(g.model, 0, {{x, {4, 3, 3, 5}}}).states[static_cast<size_t>(y)].shape, (Shape{4, 7, 9, 5}));
}

TEST(InferShapes, LeavesOpenWhatDependsOnValues) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 3, 3, 5});
  const auto size = g.builder.input("size", DType::int32, {2});
  const auto y = g.builder.tensor("y", DType::uint8, {});
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", ResizeBilinear{});
  g.builder.output(y);
  const Inference i = infer_shapes(g.model);
  EXPECT_FALSE(i.states[static_cast<size_t>(y)].has_shape);
  EXPECT_TRUE(i.result());
}

TEST(InferShapes, BoundsASingleTensor) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 3, 3, 5});
  const auto size = g.builder.constant<int32_t>("size", {2}, {100000, 100000});
  const auto y = g.builder.tensor("y", DType::uint8, {});
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", ResizeBilinear{});
  g.builder.output(y);
  EXPECT_EQ(infer_shapes(g.model).result().error().expected, "at most 2 GiB in one tensor");
}

}  // namespace
}  // namespace monolite::ops
