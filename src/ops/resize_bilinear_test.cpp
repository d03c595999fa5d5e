#include "ops/resize_bilinear.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

// Resizes one row of elements to `width`.
template <class T>
std::vector<T> resize_row(std::vector<T> row, int32_t width, ResizeBilinear a) {
  OneGraph g;
  const Shape in{1, 1, static_cast<int32_t>(row.size()), 1};
  const auto x = g.builder.input("x", DTypeOf<T>::value, in);
  const auto size = g.builder.constant<int32_t>("size", {2}, {1, width});
  const auto y = g.builder.tensor("y", DTypeOf<T>::value, {});
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", a);
  g.builder.output(y);
  return elements<T>(g.run({value<T>(in, row)}));
}

TEST(ResizeBilinear, KeepsCornersWhenAligned) {
  EXPECT_EQ(resize_row<float>({0, 4}, 5, {.align_corners = true}), (std::vector<float>{0, 1, 2, 3, 4}));
  EXPECT_EQ(resize_row<uint8_t>({0, 4}, 5, {.align_corners = true}), (std::vector<uint8_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(resize_row<int8_t>({-4, 4}, 5, {.align_corners = true}), (std::vector<int8_t>{-4, -2, 0, 2, 4}));
}

TEST(ResizeBilinear, RepeatsTheLastWhenNotAligned) {
  EXPECT_EQ(resize_row<float>({0, 4}, 4, {}), (std::vector<float>{0, 2, 4, 4}));
}

TEST(ResizeBilinear, CentresPixelsWhenAsked) {
  EXPECT_EQ(resize_row<float>({0, 4}, 4, {.half_pixel_centers = true}), (std::vector<float>{0, 1, 3, 4}));
}

TEST(ResizeBilinear, BroadcastsASinglePixel) {
  EXPECT_EQ(resize_row<int8_t>({-7}, 1500, {}), std::vector<int8_t>(1500, -7));
}

TEST(ResizeBilinear, SaysThatBothFlagsContradict) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 1, 1});
  const auto size = g.builder.constant<int32_t>("size", {2}, {1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", ResizeBilinear{true, true});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1, 1, 1, 1}, {0})}),
            "subgraph 0, node 0 RESIZE_BILINEAR \"y\"\n"
            "  found     align_corners and half_pixel_centers both set\n"
            "  expected  at most one\n"
            "  to mend   clear align_corners: TensorFlow 2 means half_pixel_centers");
}

}  // namespace
}  // namespace monolite::ops
