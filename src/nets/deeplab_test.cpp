#include "nets/deeplab.h"

#include <gtest/gtest.h>

namespace monolite::nets {
namespace {

int find(const Net& net, const std::string& name) {
  for (size_t i = 0; i < net.layers.size(); ++i) {
    if (net.layers[i].name == name) return static_cast<int>(i);
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(MakeDivisible, StaysNear) {
  EXPECT_EQ(make_divisible(32 * 0.35, 1, 1), 11);
  EXPECT_EQ(make_divisible(32 * 0.35, 8, 8), 16) << "8 would be more than a tenth below";
  EXPECT_EQ(make_divisible(24 * 0.5, 8, 8), 16);
  EXPECT_EQ(make_divisible(6 * 11, 8, 8), 64);
}

TEST(DeepLab, TurnsStridesIntoRatesBehindTheOutputStride) {
  const Net net = deeplab({.output_stride = 16});
  EXPECT_EQ(net.at(find(net, "MobilenetV2/expanded_conv_13/depthwise")).stride, 1);
  EXPECT_EQ(net.at(find(net, "MobilenetV2/expanded_conv_13/depthwise")).rate, 1);
  EXPECT_EQ(net.at(find(net, "MobilenetV2/expanded_conv_14/depthwise")).rate, 2);
  EXPECT_EQ(net.at(find(net, "MobilenetV2/expanded_conv_16/project")).height, 33);
  const Net fine = deeplab({.output_stride = 8});
  EXPECT_EQ(fine.at(find(fine, "MobilenetV2/expanded_conv_7/depthwise")).rate, 2);
  EXPECT_EQ(fine.at(find(fine, "MobilenetV2/expanded_conv_16/depthwise")).rate, 4);
  EXPECT_EQ(fine.at(find(fine, "MobilenetV2/expanded_conv_16/project")).height, 65);
}

TEST(DeepLab, HasTheVariablesOfTheRealOne) {
  const Net net = deeplab({});
  int64_t parameters = 0;
  int convolutions = 0;
  for (const Layer& l : net.layers) {
    const auto all = variables(net, l, true);
    if (l.kind == LayerKind::convolution || l.kind == LayerKind::depthwise) {
      ++convolutions;
      int64_t n = 1;
      for (const int64_t d : all[0].dims) n *= d;
      parameters += n;
    }
  }
  EXPECT_EQ(convolutions, 55);
  EXPECT_EQ(parameters, 2080448) << "filters of the PASCAL model";
}

TEST(DeepLab, DecoderAndPyramidAreThereWhenAskedFor) {
  const Net net = deeplab({.atrous_rates = {6, 12, 18}, .decoder_output_stride = 4});
  EXPECT_EQ(net.at(find(net, "concat")).inputs.size(), 5u);
  EXPECT_EQ(net.at(find(net, "decoder/concat")).height, 129);
  EXPECT_EQ(net.at(find(net, "aspp3_depthwise")).rate, 18);
}

TEST(DeepLab, HasMobileNetEdgeTpuAsABackbone) {
  const Net net = deeplab({.backbone = Backbone::mobilenet_edgetpu, .crop_height = 224, .crop_width = 224});
  EXPECT_EQ(net.input_name, "MobilenetEdgeTPU/MobilenetEdgeTPU/input");
  // A whole convolution with the block's stride, then a pointwise one; no depthwise.
  const Layer& fused = net.at(find(net, "MobilenetEdgeTPU/expanded_conv_1/expand"));
  EXPECT_EQ(fused.kernel, 3);
  EXPECT_EQ(fused.stride, 2);
  EXPECT_EQ(fused.channels, 128);
  EXPECT_EQ(fused.height, 56);
  EXPECT_EQ(net.at(find(net, "MobilenetEdgeTPU/expanded_conv_5/expand")).channels, 256);
  EXPECT_EQ(net.at(find(net, "MobilenetEdgeTPU/expanded_conv_9/depthwise")).channels, 384);
  // Output stride 16: the last stride has become a rate, of the blocks behind it.
  EXPECT_EQ(net.at(find(net, "MobilenetEdgeTPU/expanded_conv_17/depthwise")).kernel, 5);
  EXPECT_EQ(net.at(find(net, "MobilenetEdgeTPU/expanded_conv_17/depthwise")).stride, 1);
  EXPECT_EQ(net.at(find(net, "MobilenetEdgeTPU/expanded_conv_18/depthwise")).rate, 2);
  EXPECT_EQ(net.at(find(net, "MobilenetEdgeTPU/expanded_conv_21/project")).channels, 192);
  int adds = 0;
  for (const Layer& l : net.layers) adds += l.kind == LayerKind::add;
  EXPECT_EQ(adds, 15) << "as MLPerf's file has; block 13 has no way around it";
}

}  // namespace
}  // namespace monolite::nets
