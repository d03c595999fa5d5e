#include "ops/resize_nearest_neighbor.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

std::vector<float> resized(std::vector<float> row, int32_t width, ResizeNearestNeighbor a) {
  OneGraph g;
  const Shape shape{1, 1, static_cast<int32_t>(row.size()), 1};
  const auto x = g.builder.input("x", DType::float32, shape);
  const auto size = g.builder.constant<int32_t>("size", {2}, {1, width});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::RESIZE_NEAREST_NEIGHBOR, {x, size}, {y}, "ResizeNearestNeighborOptions", a);
  g.builder.output(y);
  return elements<float>(g.run({value<float>(shape, std::move(row))}));
}

TEST(ResizeNearestNeighbor, TakesThePixelAtOrBefore) {
  EXPECT_EQ(resized({1, 2, 3}, 5, {}), (std::vector<float>{1, 1, 2, 2, 3}));
}

TEST(ResizeNearestNeighbor, KeepsCornersWhenAligned) {
  EXPECT_EQ(resized({1, 2, 3}, 5, {.align_corners = true}), (std::vector<float>{1, 2, 2, 3, 3}));
}

TEST(ResizeNearestNeighbor, TakesThePixelUnderTheCentre) {
  EXPECT_EQ(resized({1, 2, 3, 4}, 2, {.half_pixel_centers = true}), (std::vector<float>{2, 4}));
}

}  // namespace
}  // namespace monolite::ops
