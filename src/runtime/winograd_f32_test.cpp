// 3x3 convolutions with fewer products: near the reference backend, for tiles cut at every border.

#include "ops/add.h"
#include "ops/conv_2d.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

using testing::reals;

struct Layer {
  Shape in;
  int channels;
  ops::Padding padding;
  ops::Activation activation;
  bool has_bias;
};

// Adds the layer behind x.
TensorId convolution(GraphBuilder& g, TensorId x, const Layer& l, ops::Activation activation) {
  const Shape filter{l.channels, 3, 3, l.in[3]};
  const auto f = g.constant<float>("f", filter, reals(filter.elements(), 3));
  const auto b = l.has_bias ? g.constant<float>("b", {l.channels}, reals(l.channels, 4)) : kNoTensor;
  const auto y = g.tensor("y", DType::float32, {});
  g.node(OpCode::CONV_2D, {x, f, b}, {y}, "Conv2DOptions", ops::Conv2D{l.padding, 1, 1, activation, 1, 1});
  return y;
}

// Even and odd extents, several pictures, channels around whole vectors, blocks that end inside of a row.
const Layer kLayers[] = {
    {{1, 16, 20, 32}, 32, ops::Padding::same, ops::Activation::none, true},
    {{2, 23, 25, 33}, 35, ops::Padding::same, ops::Activation::relu, true},
    {{1, 34, 17, 40}, 64, ops::Padding::valid, ops::Activation::relu6, false},
    {{1, 21, 24, 50}, 20, ops::Padding::valid, ops::Activation::none, true},
    {{1, 7, 101, 36}, 100, ops::Padding::same, ops::Activation::relu, false},
    {{1, 98, 6, 64}, 48, ops::Padding::valid, ops::Activation::none, true},
    {{1, 100, 3, 48}, 32, ops::Padding::same, ops::Activation::none, true},
    {{1, 3, 200, 64}, 13, ops::Padding::same, ops::Activation::relu, true},
};

TEST(WinogradF32, IsNearTheReference) {
  for (const Layer& l : kLayers) {
    Model model{.graphs = std::vector<Graph>(1)};
    GraphBuilder g(model.graphs[0]);
    g.output(convolution(g, g.input("x", DType::float32, l.in), l, l.activation));
    testing::expect_same_bits(model, "winograd_f32_");
  }
}

TEST(WinogradF32, EndsInTheSumBehindIt) {
  for (const Layer& l : kLayers) {
    for (const bool is_first : {false, true}) {
      Model model{.graphs = std::vector<Graph>(1)};
      GraphBuilder g(model.graphs[0]);
      const auto x = g.input("x", DType::float32, l.in);
      const int cut = l.padding == ops::Padding::same ? 0 : 2;
      const auto r = g.input("r", DType::float32, {l.in[0], l.in[1] - cut, l.in[2] - cut, l.channels});
      const auto y = convolution(g, x, l, ops::Activation::none), sum = g.tensor("sum", DType::float32, {});
      g.node(OpCode::ADD, is_first ? std::vector<TensorId>{y, r} : std::vector<TensorId>{r, y}, {sum}, "AddOptions",
             ops::Add{l.activation});
      g.output(sum);
      for (const char* kernel : {"winograd_f32_", "0,1 "}) testing::expect_same_bits(model, kernel);
    }
  }
}

TEST(WinogradF32, LeavesASumBehindAnActivation) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::float32, kLayers[0].in);
  const auto y = convolution(g, x, kLayers[0], ops::Activation::relu), sum = g.tensor("sum", DType::float32, {});
  g.node(OpCode::ADD, {x, y}, {sum}, "AddOptions", ops::Add{});
  g.output(sum);
  for (const char* kernel : {"winograd_f32_", "elementwise_f32_"}) testing::expect_same_bits(model, kernel);
}

// Where there is little to save, or too few tiles.
TEST(WinogradF32, LeavesNarrowAndSmallLayers) {
  for (const Layer& l : {Layer{{1, 40, 40, 3}, 32, ops::Padding::same, ops::Activation::none, true},
                         Layer{{1, 8, 8, 64}, 64, ops::Padding::same, ops::Activation::none, true}}) {
    Model model{.graphs = std::vector<Graph>(1)};
    GraphBuilder g(model.graphs[0]);
    g.output(convolution(g, g.input("x", DType::float32, l.in), l, l.activation));
    auto session = Session::create(model);
    ASSERT_TRUE(session) << to_string(session.error());
    EXPECT_EQ((*session)->plan().find("winograd"), std::string::npos) << (*session)->plan();
  }
}

}  // namespace
}  // namespace monolite::runtime
