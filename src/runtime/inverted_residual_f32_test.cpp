// Blocks of a convolution, a depthwise and a pointwise one in float32, as one step: near the reference backend.

#include "ops/add.h"
#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

using testing::reals;

struct Block {
  Shape in;
  int window, first_stride;    // of the first convolution
  int between, out;            // channels
  int size, stride, dilation;  // of the depthwise one
  ops::Padding padding;
  bool has_residual, has_bias;
  const char* nodes;  // of the step that is expected
};

const Block kBlocks[] = {
    {{1, 60, 67, 6}, 1, 1, 72, 24, 3, 1, 1, ops::Padding::same, false, true, "0,1,2"},
    {{2, 51, 50, 16}, 1, 1, 130, 16, 3, 1, 2, ops::Padding::same, true, true, "0,1,2,3"},
    {{1, 90, 101, 8}, 1, 1, 120, 33, 3, 2, 1, ops::Padding::same, false, false, "0,1,2"},
    {{1, 128, 131, 3}, 3, 2, 96, 17, 3, 1, 1, ops::Padding::same, true, true, "0,1,2,3"},
    {{1, 61, 64, 5}, 1, 1, 80, 70, 5, 1, 1, ops::Padding::valid, true, false, "0,1,2,3"},
    {{1, 128, 131, 8}, 3, 2, 96, 17, 3, 1, 1, ops::Padding::same, false, true, "1"},  // too many channels of the
                                                                                      // picture
    {{1, 20, 20, 8}, 1, 1, 96, 17, 3, 1, 1, ops::Padding::same, false, true, "2"},    // too small
};

Model block(const Block& b) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto bias = [&](int channels) {
    return b.has_bias ? g.constant<float>("b", {channels}, reals(channels, 9)) : kNoTensor;
  };
  const auto x = g.input("x", DType::float32, b.in);
  const Shape first{b.between, b.window, b.window, b.in[3]}, taps{1, b.size, b.size, b.between},
      last{b.out, 1, 1, b.between};
  const auto f = g.constant<float>("f", first, reals(first.elements(), 1));
  const auto d = g.constant<float>("d", taps, reals(taps.elements(), 2));
  const auto p = g.constant<float>("p", last, reals(last.elements(), 3));
  const auto wide = g.tensor("wide", DType::float32, {}), deep = g.tensor("deep", DType::float32, {}),
             y = g.tensor("y", DType::float32, {});
  const ops::WindowAxis rows{b.in[1], b.window, b.first_stride, 1, ops::Padding::same},
      columns{b.in[2], b.window, b.first_stride, 1, ops::Padding::same};
  g.node(OpCode::CONV_2D, {x, f, bias(b.between)}, {wide}, "Conv2DOptions",
         ops::Conv2D{ops::Padding::same, b.first_stride, b.first_stride, ops::Activation::relu6, 1, 1});
  g.node(OpCode::DEPTHWISE_CONV_2D, {wide, d, bias(b.between)}, {deep}, "DepthwiseConv2DOptions",
         ops::DepthwiseConv2D{b.padding, b.stride, b.stride, 1, ops::Activation::relu6, b.dilation, b.dilation});
  g.node(OpCode::CONV_2D, {deep, p, bias(b.out)}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
  if (!b.has_residual) {
    g.output(y);
    return model;
  }
  const ops::WindowAxis out_y{rows.out(), b.size, b.stride, b.dilation, b.padding},
      out_x{columns.out(), b.size, b.stride, b.dilation, b.padding};
  const auto r = g.input("r", DType::float32, {b.in[0], out_y.out(), out_x.out(), b.out});
  const auto sum = g.tensor("sum", DType::float32, {});
  g.node(OpCode::ADD, {r, y}, {sum}, "AddOptions", ops::Add{ops::Activation::relu});
  g.output(sum);
  return model;
}

TEST(InvertedResidualF32, IsNearTheReference) {
  for (const Block& b : kBlocks) {
    SCOPED_TRACE(::testing::Message() << b.in[1] << "x" << b.in[2] << "x" << b.in[3]);
    testing::expect_same_bits(block(b), std::string(b.nodes) + " ");
  }
}

// Pictures of which a panel of channels fits the cache go channel by channel.
TEST(ExpandDepthwiseBlocksF32, IsNearTheReference) {
  for (const Block& b : {Block{{1, 33, 33, 20}, 1, 1, 390, 17, 3, 1, 2, ops::Padding::same, false, true, ""},
                         Block{{2, 30, 21, 8}, 1, 1, 420, 17, 3, 2, 1, ops::Padding::valid, false, false, ""},
                         Block{{1, 13, 14, 8}, 1, 1, 500, 5, 5, 1, 1, ops::Padding::same, false, true, ""}}) {
    SCOPED_TRACE(::testing::Message() << b.in[1] << "x" << b.in[2] << "x" << b.in[3]);
    testing::expect_same_bits(block(b), "0,1 ");
  }
}

}  // namespace
}  // namespace monolite::runtime
