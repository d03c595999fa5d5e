#include "quantize/match_multipliers.h"

#include "base/fixed_point.h"
#include "ops/add.h"
#include "ops/conv_2d.h"
#include "ops/testing.h"

namespace monolite::quantize {
namespace {

using ops::testing::OneGraph;

// 1x1 convolutions, one behind the other, at these scales (tensor, filter, tensor, filter, …, tensor).
OneGraph chain(const std::vector<float>& scales) {
  OneGraph g;
  const auto tensor = [](float scale) { return per_tensor(scale, -3); };
  TensorId x = g.builder.input("x", DType::int8, {1, 2, 2, 1}, tensor(scales[0]));
  for (size_t i = 1; i + 1 < scales.size(); i += 2) {
    const auto f = g.builder.constant<int8_t>("f" + std::to_string(i), {1, 1, 1, 1}, {100}, per_tensor(scales[i], 0));
    const auto b =
        g.builder.constant<int32_t>("b" + std::to_string(i), {1}, {7}, per_tensor(scales[i - 1] * scales[i], 0));
    const auto y = g.builder.tensor("y" + std::to_string(i), DType::int8, {1, 2, 2, 1}, tensor(scales[i + 1]));
    ops::Conv2D options{ops::Padding::valid, 1, 1};
    options.fused_activation_function = ops::Activation::relu6;
    g.builder.node(OpCode::CONV_2D, {x, f, b}, {y}, "Conv2DOptions", options);
    x = y;
  }
  g.builder.output(x);
  return g;
}

// Six tensors' scales of a real net, none of them a round number.
const std::vector<float> kScales = {0.06183052f,  0.011538604f, 0.023528127f, 0.024718452f,
                                    0.023528091f, 0.008739285f, 0.08142384f};

float scale(const Graph& g, TensorId id) { return g.tensor(id).quantization.scale[0]; }

// What a node of an int8 graph multiplies with.
Multiplier int8_multiplier(const Graph& g, const Node& n) {
  return quantize_multiplier(static_cast<double>(scale(g, n.inputs[0])) * static_cast<double>(scale(g, n.inputs[1])) /
                             static_cast<double>(scale(g, n.outputs[0])));
}

Multiplier uint8_multiplier(const Graph& g, const Node& n) {
  const float product = scale(g, n.inputs[0]) * scale(g, n.inputs[1]);
  return quantize_multiplier(static_cast<double>(product) / static_cast<double>(scale(g, n.outputs[0])));
}

int count_equal(const Graph& before, const Graph& after) {
  int count = 0;
  for (size_t i = 0; i < before.nodes.size(); ++i) {
    if (before.nodes[i].op != OpCode::CONV_2D) continue;
    const Multiplier a = uint8_multiplier(before, before.nodes[i]), b = int8_multiplier(after, after.nodes[i]);
    count += a.mantissa == b.mantissa && a.shift == b.shift;
  }
  return count;
}

TEST(MatchMultipliers, FindsScalesWithWhichAllConvolutionsOfABlockMultiplyAsUint8Kernels) {
  const OneGraph before = chain(kScales);
  ASSERT_LT(count_equal(before.model.main(), before.model.main()), 3) << "nothing to do";
  Model after = before.model;
  const auto report = match_multipliers(after.main());
  EXPECT_EQ(report.matched, 3);
  EXPECT_EQ(report.unmatched, 0);
  EXPECT_EQ(count_equal(before.model.main(), after.main()), 3);
  EXPECT_GT(report.largest_scale_change, 0);
  EXPECT_LT(report.largest_scale_change, 0.002);
}

TEST(MatchMultipliers, KeepsWhatIsSeenFromOutside) {
  const OneGraph before = chain(kScales);
  Model after = before.model;
  match_multipliers(after.main());
  const Graph &a = before.model.main(), &b = after.main();
  EXPECT_EQ(scale(a, a.inputs[0]), scale(b, b.inputs[0]));
  EXPECT_EQ(scale(a, a.outputs[0]), scale(b, b.outputs[0]));
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].quantization.zero_point, b.tensors[i].quantization.zero_point);
    EXPECT_NEAR(a.tensors[i].quantization.scale[0] / b.tensors[i].quantization.scale[0], 1, 0.003);
  }
  const Node& last = b.nodes[2];
  EXPECT_EQ(scale(b, last.inputs[2]), scale(b, last.inputs[0]) * scale(b, last.inputs[1])) << "the bias goes along";
}

TEST(MatchMultipliers, KeepsTheScaleOfATensorThatAnotherOpReads) {
  OneGraph g = chain(kScales);
  const TensorId inside = g.model.main().nodes[0].outputs[0];
  const auto sum = g.builder.tensor("sum", DType::int8, {1, 2, 2, 1}, per_tensor(0.05f, 0));
  g.builder.node(OpCode::ADD, {inside, inside}, {sum}, "AddOptions", ops::Add{});
  g.builder.output(sum);
  Model after = g.model;
  match_multipliers(after.main());
  EXPECT_EQ(scale(after.main(), inside), kScales[2]);
}

TEST(MatchMultipliers, LeavesAFilterOfSeveralUsersAlone) {
  OneGraph g = chain(kScales);
  Graph& graph = g.model.main();
  graph.nodes[1].inputs[1] = graph.nodes[0].inputs[1];
  graph.nodes[2].inputs[1] = graph.nodes[0].inputs[1];
  Model after = g.model;
  const auto report = match_multipliers(after.main());
  EXPECT_EQ(report.matched + report.unmatched, 0);
  EXPECT_EQ(scale(after.main(), graph.nodes[0].inputs[1]), kScales[1]);
}

TEST(MatchMultipliers, LeavesScalesAloneWhoseProductsVanish) {
  const OneGraph before = chain({1e-25f, 1e-25f, 0.01f, 0.02f, 0.03f});
  Model after = before.model;
  match_multipliers(after.main());
  EXPECT_EQ(scale(after.main(), after.main().nodes[0].inputs[1]), 1e-25f);
  EXPECT_EQ(scale(after.main(), after.main().nodes[0].outputs[0]), 0.01f);
}

TEST(MatchMultipliers, EndsOnALongNet) {
  std::vector<float> scales;
  for (int i = 0; i < 241; ++i) scales.push_back(0.01f + 0.000173f * static_cast<float>(i * 7 % 31));
  const OneGraph before = chain(scales);
  Model after = before.model;
  const auto report = match_multipliers(after.main());
  EXPECT_EQ(report.matched + report.unmatched, 120);
  EXPECT_EQ(count_equal(before.model.main(), after.main()), report.matched);
  EXPECT_GE(report.matched, 118);
}

}  // namespace
}  // namespace monolite::quantize
