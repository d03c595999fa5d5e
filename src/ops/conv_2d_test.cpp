#include "ops/conv_2d.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(Conv2D, SumsProductsOfAFloatWindow) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2, 2, 1});
  const auto f = g.builder.constant<float>("f", {1, 2, 2, 1}, {1, 10, 100, 1000});
  const auto b = g.builder.constant<float>("b", {1}, {0.5f});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::CONV_2D, {x, f, b}, {y}, "Conv2DOptions", Conv2D{Padding::same, 1, 1});
  g.builder.output(y);
  const Value out = g.run({value<float>({1, 2, 2, 1}, {1, 2, 3, 4})});
  EXPECT_EQ(out.shape, (Shape{1, 2, 2, 1}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{4321.5f, 402 + 0.5f, 43.5f, 4.5f}));
}

TEST(Conv2D, RequantizesEachChannelByItsScale) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 1, 1, 1}, per_tensor(0.5f, -1));
  Quantization q;
  q.scale = {1.0f, 0.25f};
  q.zero_point = {0, 0};
  const auto f = g.builder.constant<int8_t>("f", {2, 1, 1, 1}, {4, 4}, q);
  const auto b = g.builder.constant<int32_t>("b", {2}, {0, 8});
  const auto y = g.builder.tensor("y", DType::int8, {}, per_tensor(1.0f, 3));
  g.builder.node(OpCode::CONV_2D, {x, f, b}, {y}, "Conv2DOptions", Conv2D{Padding::valid, 1, 1});
  g.builder.output(y);
  // real input (9 + 1) * 0.5 = 5; channels 5 * 4 * 1 = 20 and 5 * 4 * 0.25 + 8 * 0.125 = 6
  EXPECT_EQ(elements<int8_t>(g.run({value<int8_t>({1, 1, 1, 1}, {9})})), (std::vector<int8_t>{23, 9}));
}

// The order of two float multiplications, seen in the last bit, is how LiteRT's two kernels differ.
TEST(Conv2D, ScalesAHybridSumByItsFilterFirstWhereFiltersHaveScalesOfTheirOwn) {
  const float row_scale = (0.72f - -0.3f) / 255.0f, first = 0.0114f;
  const auto one = [&](std::vector<float> scales) {
    OneGraph g;
    const auto x = g.builder.input("x", DType::float32, {1, 1, 2, 1});
    Quantization q;
    q.scale = std::move(scales);
    q.zero_point.resize(q.scale.size());
    const auto f = g.builder.constant<int8_t>("f", {2, 1, 1, 1}, {101, 1}, q);
    const auto y = g.builder.tensor("y", DType::float32, {});
    g.builder.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", Conv2D{Padding::valid, 1, 1});
    g.builder.output(y);
    return elements<float>(g.run({value<float>({1, 1, 2, 1}, {-0.3f, 0.72f})}));
  };
  const float least = -75 * 101, most = 180 * 101;  // quantized asymmetrically
  const std::vector<float> per_filter = one({first, 0.5f});
  EXPECT_EQ(per_filter[0], least * first * row_scale);
  EXPECT_EQ(per_filter[2], most * first * row_scale);
  EXPECT_NE(per_filter[2], most * (first * row_scale));
  const float symmetric_scale = 0.72f / 127;
  EXPECT_EQ(one({first, first})[2], 127 * 101 * (first * symmetric_scale));
}

TEST(Conv2D, SaysWhichFilterDoesNotFit) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2, 2, 3});
  const auto f = g.builder.constant<float>("f", {1, 1, 1, 2}, {1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", Conv2D{Padding::same, 1, 1});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1, 2, 2, 3}, std::vector<float>(12))}),
            "subgraph 0, node 0 CONV_2D \"y\", input 1\n"
            "  found     shape 1x1x1x2\n"
            "  expected  innermost a divisor of the input's 3 channels");
}

}  // namespace
}  // namespace monolite::ops
