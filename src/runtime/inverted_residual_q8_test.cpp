// Blocks of MobileNet v2: the bits of the reference backend, whether computed in bands or one after the other.

#include "ops/add.h"
#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

struct Block {
  int32_t size, channels, wide, stride, dilation;
  bool residual, residual_first;
  DType type = DType::uint8;
  int32_t window = 1, window_stride = 1;  // of the first convolution; 0: there is none
};

Model block(const Block& p) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  std::mt19937 random(static_cast<uint32_t>(p.size * 7 + p.wide));
  const int zero = p.type == DType::uint8 ? 128 : 0;
  const auto constant = [&](Shape shape) {
    std::vector<uint8_t> values(static_cast<size_t>(shape.elements()));
    for (uint8_t& v : values) v = static_cast<uint8_t>(random());
    return g.constant("w", p.type, shape, Buffer::of(std::move(values)),
                      per_tensor(0.005f, p.type == DType::uint8 ? 121 : 0));
  };
  const auto bias = [&](int32_t channels) {
    std::vector<int32_t> values;
    for (int32_t c = 0; c < channels; ++c) values.push_back(static_cast<int32_t>(random() % 4000) - 2000);
    return g.constant<int32_t>("b", {channels}, std::move(values));
  };
  const Quantization narrow = per_tensor(0.2f, zero + 4), wide = per_tensor(6.0f / 255, zero - 128);
  const auto x = g.input("x", p.type, {2, p.size, p.size + 3, p.channels}, narrow);
  const auto e = g.tensor("e", p.type, {}, wide), d = g.tensor("d", p.type, {}, wide),
             y = g.tensor("y", p.type, {}, narrow);
  if (p.window > 0) {
    g.node(OpCode::CONV_2D, {x, constant({p.wide, p.window, p.window, p.channels}), bias(p.wide)}, {e}, "Conv2DOptions",
           ops::Conv2D{ops::Padding::same, p.window_stride, p.window_stride, ops::Activation::relu6});
  }
  g.node(
      OpCode::DEPTHWISE_CONV_2D, {p.window > 0 ? e : x, constant({1, 3, 3, p.wide}), bias(p.wide)}, {d},
      "DepthwiseConv2DOptions",
      ops::DepthwiseConv2D{ops::Padding::same, p.stride, p.stride, 1, ops::Activation::relu6, p.dilation, p.dilation});
  g.node(OpCode::CONV_2D, {d, constant({p.channels, 1, 1, p.wide}), bias(p.channels)}, {y}, "Conv2DOptions",
         ops::Conv2D{ops::Padding::same, 1, 1});
  if (!p.residual) {
    g.output(y);
    return model;
  }
  const auto z = g.tensor("z", p.type, {}, per_tensor(0.25f, zero + 1));
  g.node(OpCode::ADD, p.residual_first ? std::vector<TensorId>{x, y} : std::vector<TensorId>{y, x}, {z}, "AddOptions",
         ops::Add{});
  g.output(z);
  return model;
}

TEST(InvertedResidualQ8, LargeBlocksRunInBandsWithTheReferencesBits) {
  for (const DType type : {DType::uint8, DType::int8}) {
    testing::expect_same_bits(block({67, 24, 144, 1, 1, true, false, type}), "bands");
    testing::expect_same_bits(block({91, 16, 96, 2, 1, false, false, type}), "bands");
    testing::expect_same_bits(block({33, 40, 600, 1, 4, true, true, type}), "bands");
  }
}

TEST(InvertedResidualQ8, AnyConvolutionOrNoneMayComeFirst) {
  for (const DType type : {DType::uint8, DType::int8}) {
    testing::expect_same_bits(block({211, 3, 48, 1, 1, false, false, type, 3, 2}), "bands");
    testing::expect_same_bits(block({107, 48, 48, 2, 1, false, false, type, 0}), "bands");
  }
  testing::expect_same_bits(block({75, 96, 96, 1, 2, true, false, DType::uint8, 0}), "bands");
  testing::expect_same_bits(block({41, 8, 320, 1, 2, true, false, DType::int8, 3, 1}), "bands");
}

TEST(InvertedResidualQ8, SmallBlocksFuseTheirSum) {
  testing::expect_same_bits(block({9, 24, 144, 1, 1, true, true}), "gemm_q8");
  testing::expect_same_bits(block({9, 24, 144, 1, 1, true, false}), "gemm_q8");
}

}  // namespace
}  // namespace monolite::runtime
