#include "ops/fully_connected.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(FullyConnected, MultipliesRowsByTheWeightsRows) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {2, 1, 2});
  const auto w = g.builder.constant<float>("w", {3, 2}, {1, 0, 0, 1, 1, 1});
  const auto b = g.builder.constant<float>("b", {3}, {0, 0, -4});
  const auto y = g.builder.tensor("y", DType::float32, {});
  FullyConnected a;
  a.fused_activation_function = Activation::relu;
  g.builder.node(OpCode::FULLY_CONNECTED, {x, w, b}, {y}, "FullyConnectedOptions", a);
  g.builder.output(y);
  const Value out = g.run({value<float>({2, 1, 2}, {1, 2, 3, 4})});
  EXPECT_EQ(out.shape, (Shape{2, 3}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 2, 0, 3, 4, 3}));
}

TEST(FullyConnected, KeepsDimensionsWhenAsked) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {2, 1, 2});
  const auto w = g.builder.constant<float>("w", {1, 2}, {1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  FullyConnected a;
  a.keep_num_dims = true;
  g.builder.node(OpCode::FULLY_CONNECTED, {x, w}, {y}, "FullyConnectedOptions", a);
  g.builder.output(y);
  EXPECT_EQ(g.run({value<float>({2, 1, 2}, {1, 2, 3, 4})}).shape, (Shape{2, 1, 1}));
}

TEST(FullyConnected, RoundsOnceFromTheRealProduct) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 1}, per_tensor(0.5f, 0));
  const auto w = g.builder.constant<int8_t>("w", {1, 1}, {3}, per_tensor(1.0f, 0));
  const auto y = g.builder.tensor("y", DType::int8, {}, per_tensor(1.0f, 10));
  g.builder.node(OpCode::FULLY_CONNECTED, {x, w}, {y}, "FullyConnectedOptions", FullyConnected{});
  g.builder.output(y);
  // -1 * 3 * 0.5 = -1.5, rounded away from zero, plus 10
  EXPECT_EQ(elements<int8_t>(g.run({value<int8_t>({1, 1}, {-1})})), (std::vector<int8_t>{8}));
}

TEST(FullyConnected, QuantizesFloatRowsForInt8Weights) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {2, 2});
  const auto w = g.builder.constant<int8_t>("w", {1, 2}, {100, -100}, per_tensor(0.01f, 0));
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::FULLY_CONNECTED, {x, w}, {y}, "FullyConnectedOptions", FullyConnected{});
  g.builder.output(y);
  // 127 and 63.5 -> 127 and 64 steps of 1; the second row has its own scale
  const auto out = elements<float>(g.run({value<float>({2, 2}, {127, 63.5f, 0, 0})}));
  EXPECT_FLOAT_EQ(out[0], 63.0f);
  EXPECT_EQ(out[1], 0.0f);
}

TEST(FullyConnected, SaysWhichInputDoesNotFit) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 3});
  const auto w = g.builder.constant<float>("w", {1, 2}, {1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::FULLY_CONNECTED, {x, w}, {y}, "FullyConnectedOptions", FullyConnected{});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1, 3}, {1, 2, 3})}),
            "subgraph 0, node 0 FULLY_CONNECTED \"y\", input 0\n"
            "  found     shape 1x3\n"
            "  expected  rows of the weights' 2 columns");
}

}  // namespace
}  // namespace monolite::ops
