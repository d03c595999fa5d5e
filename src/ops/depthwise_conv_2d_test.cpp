#include "ops/depthwise_conv_2d.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

DepthwiseConv2D with_multiplier(int32_t multiplier) {
  DepthwiseConv2D a;
  a.stride_w = a.stride_h = 1;
  a.depth_multiplier = multiplier;
  return a;
}

TEST(DepthwiseConv2D, TakesEachOutputFromOneInputChannel) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 2, 2});
  const auto f = g.builder.constant<float>("f", {1, 1, 2, 4}, {1, 2, 3, 4, 10, 20, 30, 40});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::DEPTHWISE_CONV_2D, {x, f}, {y}, "DepthwiseConv2DOptions", with_multiplier(2));
  g.builder.output(y);
  const Value out = g.run({value<float>({1, 1, 2, 2}, {1, 5, 2, 6})});
  EXPECT_EQ(out.shape, (Shape{1, 1, 2, 4}));
  // outputs 0 and 1 read channel 0 (1, then 2), outputs 2 and 3 channel 1 (5, then 6); the last column sees no
  // neighbour
  EXPECT_EQ(elements<float>(out), (std::vector<float>{21, 42, 195, 260, 2, 4, 18, 24}));
}

TEST(DepthwiseConv2D, RequantizesEachChannelByItsScale) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 1, 1, 2}, per_tensor(0.5f, -1));
  Quantization q;
  q.scale = {1.0f, 0.25f};
  q.zero_point = {0, 0};
  q.dimension = 3;
  const auto f = g.builder.constant<int8_t>("f", {1, 1, 1, 2}, {4, 4}, q);
  const auto y = g.builder.tensor("y", DType::int8, {}, per_tensor(1.0f, 3));
  g.builder.node(OpCode::DEPTHWISE_CONV_2D, {x, f}, {y}, "DepthwiseConv2DOptions", with_multiplier(1));
  g.builder.output(y);
  // real inputs 5 and 8, times 4 * 1 and 4 * 0.25
  EXPECT_EQ(elements<int8_t>(g.run({value<int8_t>({1, 1, 1, 2}, {9, 15})})), (std::vector<int8_t>{23, 11}));
}

TEST(DepthwiseConv2D, RefusesAFilterOfOtherChannels) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 1, 3});
  const auto f = g.builder.constant<float>("f", {1, 1, 1, 4}, {1, 1, 1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::DEPTHWISE_CONV_2D, {x, f}, {y}, "DepthwiseConv2DOptions", with_multiplier(1));
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1, 1, 1, 3}, {1, 2, 3})}),
            "subgraph 0, node 0 DEPTHWISE_CONV_2D \"y\", input 1\n"
            "  found     shape 1x1x1x4\n"
            "  expected  1 x height x width x a multiple of the input's 3 channels");
}

}  // namespace
}  // namespace monolite::ops
