#include "quantize/to_int8.h"

#include "ops/concatenation.h"
#include "ops/conv_2d.h"
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

}  // namespace
}  // namespace monolite::quantize
