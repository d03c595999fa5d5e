#include "quantize/to_int8.h"

#include "ops/concatenation.h"
#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "ops/testing.h"

namespace monolite::quantize {
namespace {

using ops::testing::OneGraph;
using ops::testing::value;

// A 1x1 convolution with two channels, whose weights less the zero point reach `most` in the second.
OneGraph convolution(uint8_t most) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 4, 4, 2}, per_tensor(0.5f, 100));
  const auto f = g.builder.constant<uint8_t>("f", {2, 1, 1, 2}, {60, 20, most, 30}, per_tensor(0.01f, 20));
  const auto b = g.builder.constant<int32_t>("b", {2}, {1000, -500}, per_tensor(0.005f, 0));
  const auto y = g.builder.tensor("y", DType::uint8, {1, 4, 4, 2}, per_tensor(0.7f, 90));
  g.builder.node(OpCode::CONV_2D, {x, f, b}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::valid, 1, 1});
  g.builder.output(y);
  return g;
}

std::vector<uint8_t> ramp() {
  std::vector<uint8_t> values;
  for (int i = 0; i < 32; ++i) values.push_back(static_cast<uint8_t>(i * 8));
  return values;
}

int largest_difference(OneGraph& before, const Model& after) {
  const auto input = value<uint8_t>({1, 4, 4, 2}, ramp());
  const auto a = ops::testing::elements<uint8_t>(before.run({input}));
  const auto outputs = ops::evaluate(after, std::vector{input});
  EXPECT_TRUE(outputs) << to_string(outputs.error());
  if (!outputs) return 999;
  const auto b = ops::testing::elements<uint8_t>((*outputs)[0]);
  int largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(ToInt8, KeepsTheRealsWhereTheWeightsFit) {
  OneGraph before = convolution(147);
  Model after = before.model;
  const auto report = to_int8(after, {.keep_io = true});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->filters, 1);
  EXPECT_EQ(report->requantized_channels, 0);
  EXPECT_LE(largest_difference(before, after), 1);
  const Node& conv = after.main().nodes[1];
  EXPECT_EQ(after.main().nodes.size(), 3u);
  EXPECT_EQ(after.main().tensor(conv.inputs[1]).data.get<int8_t>(2), 127);
  EXPECT_EQ(after.main().tensor(conv.inputs[1]).quantization.scale, std::vector<float>{0.01f});
  EXPECT_EQ(after.main().tensor(conv.inputs[0]).quantization.zero_point[0], -28);
  EXPECT_EQ(conv.version, 3);
}

TEST(ToInt8, GivesAChannelThatDoesNotFitAScaleOfItsOwn) {
  OneGraph before = convolution(255);
  Model after = before.model;
  const auto report = to_int8(after, {.keep_io = true});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->requantized_channels, 1);
  ASSERT_EQ(report->wide_filters.size(), 1u);
  EXPECT_EQ(report->wide_filters[0].name, "f");
  EXPECT_EQ(report->wide_filters[0].wide, 1);
  EXPECT_EQ(report->wide_filters[0].repeated_inputs, 0);
  EXPECT_LE(largest_difference(before, after), 2);
  const Tensor& filter = after.main().tensor(after.main().nodes[1].inputs[1]);
  EXPECT_EQ(filter.quantization.scale.size(), 2u);
  EXPECT_EQ(filter.quantization.scale[0], 0.01f);
  EXPECT_EQ(filter.data.get<int8_t>(2), 127);
}

TEST(ToInt8, SplitsAWeightThatDoesNotFitOverARepeatedInput) {
  OneGraph before = convolution(255);
  Model after = before.model;
  const auto report = to_int8(after, {.keep_io = true, .wide_weights = WideWeights::repeat_inputs});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->requantized_channels, 0);
  ASSERT_EQ(report->wide_filters.size(), 1u);
  EXPECT_EQ(report->wide_filters[0].repeated_inputs, 1);
  EXPECT_EQ(report->wide_filters[0].largest_error, 0);
  EXPECT_LE(largest_difference(before, after), 1);
  const Graph& g = after.main();
  ASSERT_EQ(g.nodes.size(), 5u);  // QUANTIZE, SLICE, CONCATENATION, CONV_2D, QUANTIZE
  const Tensor& filter = g.tensor(g.nodes[3].inputs[1]);
  EXPECT_EQ(filter.shape, (Shape{2, 1, 1, 3}));
  EXPECT_EQ(filter.quantization.scale, std::vector<float>{0.01f});
  EXPECT_EQ(filter.data.get<int8_t>(3), 127);
  EXPECT_EQ(filter.data.get<int8_t>(5), 255 - 20 - 127);
  EXPECT_EQ(filter.data.get<int8_t>(2), 0);
}

// A 3x3 depthwise convolution of stride 2 whose weights leave -127..127 in the channels of `wide`, the most by `most`.
// Its scales are powers of two: uint8 and int8 kernels come to the same multipliers.
OneGraph depthwise(int32_t channels, int32_t multiplier, const std::vector<int32_t>& wide, uint8_t most) {
  OneGraph g;
  const int32_t out = channels * multiplier;
  std::vector<uint8_t> weights(static_cast<size_t>(9 * out));
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<uint8_t>(i * 29 % 120);
  for (const int32_t c : wide) {
    weights[static_cast<size_t>(c)] = most;
    weights[static_cast<size_t>(4 * out + c)] = 140;
  }
  std::vector<int32_t> biases;
  for (int32_t c = 0; c < out; ++c) biases.push_back(c * 700 - 2000);
  const auto x = g.builder.input("x", DType::uint8, {1, 7, 6, channels}, per_tensor(0.5f, 100));
  const auto f = g.builder.constant<uint8_t>("f", {1, 3, 3, out}, weights, per_tensor(0.03125f, 2));
  const auto b = g.builder.constant<int32_t>("b", {out}, biases, per_tensor(0.015625f, 0));
  const auto y = g.builder.tensor("y", DType::uint8, {1, 4, 3, out}, per_tensor(4.0f, 90));
  ops::DepthwiseConv2D options{ops::Padding::same, 2, 2, multiplier};
  options.fused_activation_function = ops::Activation::relu;
  g.builder.node(OpCode::DEPTHWISE_CONV_2D, {x, f, b}, {y}, "DepthwiseConv2DOptions", options);
  g.builder.output(y);
  return g;
}

void expect_the_same_outputs(OneGraph& before, const Model& after, const Shape& input) {
  std::vector<uint8_t> pixels;
  for (int64_t i = 0; i < input.elements(); ++i) pixels.push_back(static_cast<uint8_t>(i * i * 37 + i));
  const auto x = value<uint8_t>(input, pixels);
  const auto outputs = ops::evaluate(after, std::vector{x});
  ASSERT_TRUE(outputs) << to_string(outputs.error());
  EXPECT_EQ(ops::testing::elements<uint8_t>((*outputs)[0]), ops::testing::elements<uint8_t>(before.run({x})));
}

TEST(ToInt8, GivesADepthwiseChannelThatDoesNotFitAConvolutionOfItsOwn) {
  OneGraph before = depthwise(5, 1, {3}, 200);
  Model after = before.model;
  const auto report = to_int8(after, {.keep_io = true, .wide_weights = WideWeights::repeat_inputs});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->requantized_channels, 0);
  ASSERT_EQ(report->wide_filters.size(), 1u);
  EXPECT_EQ(report->wide_filters[0].repeated_inputs, 1);
  EXPECT_EQ(report->wide_filters[0].largest_error, 0);
  std::vector<OpCode> ops;
  for (const Node& node : after.main().nodes) ops.push_back(node.op);
  EXPECT_EQ(ops, (std::vector{OpCode::QUANTIZE, OpCode::DEPTHWISE_CONV_2D, OpCode::SLICE, OpCode::CONCATENATION,
                              OpCode::CONV_2D, OpCode::SLICE, OpCode::SLICE, OpCode::CONCATENATION, OpCode::QUANTIZE}));
  EXPECT_EQ(after.main().tensor(after.main().nodes[4].inputs[1]).shape, (Shape{1, 3, 3, 2}));
  EXPECT_EQ(after.main().nodes[7].inputs.size(), 3u);
  expect_the_same_outputs(before, after, {1, 7, 6, 5});
}

TEST(ToInt8, PutsManyDepthwiseChannelsBackInTheirOrder) {
  for (const auto& [channels, multiplier, wide] :
       {std::tuple{9, 1, std::vector{0, 2, 3, 5, 8}}, {9, 1, {1, 2}}, {9, 1, {0}}, {9, 1, {8}}, {3, 3, {0, 1, 4, 7}}}) {
    // 253 above the zero point: two parts. 255 from 0 would be three.
    OneGraph before = depthwise(channels, multiplier, wide, 255);
    Model after = before.model;
    ASSERT_TRUE(to_int8(after, {.keep_io = true, .wide_weights = WideWeights::repeat_inputs}));
    for (const Node& node : after.main().nodes) {
      EXPECT_LE(node.inputs.size(), 5u) << op_name(node);
    }
    expect_the_same_outputs(before, after, {1, 7, 6, channels});
  }
}

TEST(ToInt8, TakesThreePartsForADepthwiseWeightOf255) {
  OneGraph before = depthwise(4, 1, {2}, 255);
  before.model.main().tensor(1).quantization.zero_point = {0};
  Model after = before.model;
  ASSERT_TRUE(to_int8(after, {.keep_io = true, .wide_weights = WideWeights::repeat_inputs}));
  EXPECT_EQ(after.main().tensor(after.main().nodes[4].inputs[1]).shape, (Shape{1, 3, 3, 3}));
  expect_the_same_outputs(before, after, {1, 7, 6, 4});
}

// Behind the depthwise convolution a 1x1 one, which has weights that do not fit in the channels of `wide` too.
OneGraph depthwise_and_project(const std::vector<int32_t>& wide, const std::vector<int32_t>& wide_behind) {
  OneGraph g = depthwise(5, 1, wide, 200);
  std::vector<uint8_t> weights;
  for (int i = 0; i < 3 * 5; ++i) weights.push_back(static_cast<uint8_t>(40 + i * 31 % 90));
  for (const int32_t c : wide_behind) weights[static_cast<size_t>(5 + c)] = 230;
  Graph& graph = g.model.main();
  const TensorId x = graph.outputs[0];
  const auto f = g.builder.constant<uint8_t>("g", {3, 1, 1, 5}, weights, per_tensor(0.0625f, 80));
  const auto y = g.builder.tensor("z", DType::uint8, {1, 4, 3, 3}, per_tensor(32.0f, 100));
  g.builder.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::valid, 1, 1});
  graph.outputs = {y};
  return g;
}

TEST(ToInt8, JoinsSplitChannelsOnceForAConvolutionBehind) {
  using List = std::vector<int32_t>;
  for (const auto& [wide, behind] : {std::pair{List{3}, List{}}, {{3}, {0}}, {{3}, {3}}, {{0, 4}, {0, 2, 4}}}) {
    OneGraph before = depthwise_and_project(wide, behind);
    Model after = before.model;
    const auto report = to_int8(after, {.keep_io = true, .wide_weights = WideWeights::repeat_inputs});
    ASSERT_TRUE(report) << to_string(report.error());
    EXPECT_EQ(report->requantized_channels, 0);
    // The whole map is joined once and never cut: slices hold a few channels.
    for (const Node& node : after.main().nodes) {
      if (node.op != OpCode::SLICE) continue;
      EXPECT_LT(after.main().tensor(node.outputs[0]).shape[3], 3);
    }
    expect_the_same_outputs(before, after, {1, 7, 6, 5});
  }
}

TEST(ToInt8, RequantizesADepthwiseFilterThatIsWideEverywhere) {
  OneGraph before = depthwise(3, 1, {0, 1, 2}, 200);
  Model after = before.model;
  const auto report = to_int8(after, {.keep_io = true, .wide_weights = WideWeights::repeat_inputs});
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->requantized_channels, 3);
  EXPECT_EQ(after.main().nodes.size(), 3u);
}

TEST(ToInt8, ChangesTheEdgeUnlessItIsKept) {
  Model after = convolution(147).model;
  ASSERT_TRUE(to_int8(after));
  EXPECT_EQ(after.main().nodes.size(), 1u);
  EXPECT_EQ(after.main().tensor(after.main().inputs[0]).dtype, DType::int8);
  EXPECT_EQ(after.main().tensor(after.main().outputs[0]).quantization.zero_point[0], -38);
}

TEST(ToInt8, RescalesBeforeAConcatenation) {
  OneGraph g;
  const auto a = g.builder.input("a", DType::uint8, {1, 4, 4, 2}, per_tensor(0.5f, 100));
  const auto y = g.builder.tensor("y", DType::uint8, {1, 4, 4, 4}, per_tensor(0.9f, 100));
  g.builder.node(OpCode::CONCATENATION, {a, a}, {y}, "ConcatenationOptions", ops::Concatenation{.axis = 3});
  g.builder.output(y);
  Model after = g.model;
  ASSERT_TRUE(to_int8(after, {.keep_io = true}));
  EXPECT_LE(largest_difference(g, after), 1);
}

TEST(ToInt8, SaysWhichFilterItCannotChange) {
  OneGraph g = convolution(147);
  g.model.main().tensor(1).data = {};
  const auto report = to_int8(g.model, {.keep_io = true});
  ASSERT_FALSE(report);
  EXPECT_EQ(to_string(report.error()),
            "CONV_2D \"y\"\n  found     a filter that is computed\n  expected  a constant one");
}

TEST(ToInt8, RefusesANodeOfWhichOnlyOneInputIsQuantized) {
  OneGraph g;
  const auto a = g.builder.input("a", DType::uint8, {2}, per_tensor(0.5f, 100));
  const auto b = g.builder.input("b", DType::uint8, {2});
  const auto y = g.builder.tensor("y", DType::uint8, {2}, per_tensor(0.5f, 100));
  g.builder.node(OpCode::MINIMUM, {a, b}, {y});
  g.builder.output(y);
  Model after = g.model;
  const auto made = to_int8(after);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().where, "subgraph 0, node 0 MINIMUM \"y\", input 1");
  EXPECT_EQ(after.main().tensor(a).dtype, DType::uint8);
}

}  // namespace
}  // namespace monolite::quantize
