// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED in float32: near the reference backend, for windows of all kinds.

#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "ops/fully_connected.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

using testing::reals;

struct Window {
  int size_y, size_x, stride, dilation;
  ops::Padding padding;
};
const Window kWindows[] = {
    {1, 1, 1, 1, ops::Padding::same}, {1, 1, 2, 1, ops::Padding::valid}, {3, 3, 1, 1, ops::Padding::same},
    {3, 3, 2, 1, ops::Padding::same}, {3, 3, 1, 2, ops::Padding::same},  {5, 2, 1, 1, ops::Padding::valid},
};

Model convolution(const Window& w, const Shape& in, int channels, bool depthwise) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::float32, in);
  const Shape filter = depthwise ? Shape{1, w.size_y, w.size_x, in[3]} : Shape{channels, w.size_y, w.size_x, in[3]};
  const int out = depthwise ? in[3] : channels;
  const auto f = g.constant<float>("f", filter, reals(filter.elements(), 3));
  const auto b = g.constant<float>("b", {out}, reals(out, 4));
  const auto y = g.tensor("y", DType::float32, {});
  if (depthwise) {
    g.node(OpCode::DEPTHWISE_CONV_2D, {x, f, b}, {y}, "DepthwiseConv2DOptions",
           ops::DepthwiseConv2D{w.padding, w.stride, w.stride, 1, ops::Activation::relu6, w.dilation, w.dilation});
  } else {
    g.node(OpCode::CONV_2D, {x, f, b}, {y}, "Conv2DOptions",
           ops::Conv2D{w.padding, w.stride, w.stride, ops::Activation::none, w.dilation, w.dilation});
  }
  g.output(y);
  return model;
}

TEST(ConvolutionF32, IsNearTheReference) {
  for (const Window& w : kWindows) {
    for (const Shape& in : {Shape{1, 9, 21, 3}, Shape{2, 7, 6, 70}, Shape{1, 6, 201, 5}}) {
      testing::expect_same_bits(convolution(w, in, 37, false), "gemm_f32");
      testing::expect_same_bits(convolution(w, in, 0, true), "depthwise_f32");
    }
  }
}

TEST(ExpandDepthwiseF32, IsNearTheReference) {
  for (const Window& w : kWindows) {
    for (const bool has_bias : {false, true}) {
      Model model{.graphs = std::vector<Graph>(1)};
      GraphBuilder g(model.graphs[0]);
      const auto x = g.input("x", DType::float32, {2, 45, 67, 6});
      const auto f = g.constant<float>("f", {50, 1, 1, 6}, reals(300, 5));
      const auto b = has_bias ? g.constant<float>("b", {50}, reals(50, 6)) : kNoTensor;
      const auto wide = g.tensor("wide", DType::float32, {});
      g.node(OpCode::CONV_2D, {x, f, b}, {wide}, "Conv2DOptions",
             ops::Conv2D{ops::Padding::same, 1, 1, ops::Activation::relu6, 1, 1});
      const Shape taps{1, w.size_y, w.size_x, 50};
      const auto d = g.constant<float>("d", taps, reals(taps.elements(), 7));
      const auto y = g.tensor("y", DType::float32, {});
      g.node(OpCode::DEPTHWISE_CONV_2D, {wide, d, kNoTensor}, {y}, "DepthwiseConv2DOptions",
             ops::DepthwiseConv2D{w.padding, w.stride, w.stride, 1, ops::Activation::relu6, w.dilation, w.dilation});
      g.output(y);
      for (const char* kernel : {"gemm_f32_", "0,1 "}) testing::expect_same_bits(model, kernel);
    }
  }
}

TEST(FullyConnectedF32, IsNearTheReference) {
  for (const int rows : {1, 5, 50}) {
    Model model{.graphs = std::vector<Graph>(1)};
    GraphBuilder g(model.graphs[0]);
    const auto x = g.input("x", DType::float32, {rows, 33});
    const auto f = g.constant<float>("f", {40, 33}, reals(40 * 33, 5));
    const auto y = g.tensor("y", DType::float32, {});
    g.node(OpCode::FULLY_CONNECTED, {x, f, kNoTensor}, {y}, "FullyConnectedOptions", ops::FullyConnected{});
    g.output(y);
    testing::expect_same_bits(model, "gemm_f32");
  }
}

}  // namespace
}  // namespace monolite::runtime
