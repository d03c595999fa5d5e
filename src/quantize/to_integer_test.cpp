#include "quantize/to_integer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ir/builder.h"
#include "ops/concatenation.h"
#include "ops/conv_2d.h"
#include "ops/fully_connected.h"
#include "ops/op.h"
#include "ops/softmax.h"
#include "ops/testing.h"
#include "quantize/float_constants.h"
#include "quantize/layer_error.h"
#include "quantize/quantize_weights.h"

namespace monolite::quantize {
namespace {

std::vector<float> noise(size_t count, uint32_t seed, float reach = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-reach, reach);
  std::vector<float> values(count);
  for (float& v : values) v = uniform(random);
  return values;
}

// Two convolutions of one picture, joined, and a classifier.
struct Net {
  Model model;
  TensorId x, left, right, both, flat, scores, out;
  Net() : model{.graphs = std::vector<Graph>(1)} {
    GraphBuilder b(model.main());
    x = b.input("x", DType::float32, {1, 4, 4, 3});
    left = convolution(b, "left", 11);
    right = convolution(b, "right", 12);
    both = b.tensor("both", DType::float32, {1, 4, 4, 8});
    b.node(OpCode::CONCATENATION, {left, right}, {both}, "ConcatenationOptions", ops::Concatenation{.axis = 3});
    scores = b.tensor("scores", DType::float32, {1, 5});
    flat = b.tensor("flat", DType::float32, {1, 128});
    const TensorId shape = b.constant<int32_t>("shape", {2}, {1, 128});
    b.node(OpCode::RESHAPE, {both, shape}, {flat});
    const TensorId w = b.constant<float>("w", {5, 128}, noise(640, 5)), bias = b.constant<float>("b", {5}, noise(5, 6));
    b.node(OpCode::FULLY_CONNECTED, {flat, w, bias}, {scores}, "FullyConnectedOptions", ops::FullyConnected{});
    out = b.tensor("out", DType::float32, {1, 5});
    b.node(OpCode::SOFTMAX, {scores}, {out}, "SoftmaxOptions", ops::Softmax{.beta = 1});
    b.output(out);
  }
  TensorId convolution(GraphBuilder& b, const std::string& name, uint32_t seed) {
    const TensorId filter = b.constant<float>(name + "/filter", {4, 1, 1, 3}, noise(12, seed));
    const TensorId bias = b.constant<float>(name + "/bias", {4}, noise(4, seed + 100));
    const TensorId y = b.tensor(name, DType::float32, {1, 4, 4, 4});
    b.node(OpCode::CONV_2D, {x, filter, bias}, {y}, "Conv2DOptions", ops::Conv2D{.stride_w = 1, .stride_h = 1});
    return y;
  }
  Samples samples(size_t count = 4) const {
    return {count, [](size_t i) -> Expected<std::vector<ops::Value>> {
              return std::vector{ops::testing::value<float>({1, 4, 4, 3}, noise(48, static_cast<uint32_t>(i)))};
            }};
  }
  Ranges ranges() const {
    auto made = calibrate(model, samples());
    EXPECT_TRUE(made) << to_string(made.error());
    return made ? made->ranges : Ranges{};
  }
};

double sqnr(const Model& before, const Model& after, const Samples& samples) {
  const auto errors = output_errors(before, after, samples);
  EXPECT_TRUE(errors) << to_string(errors.error());
  return errors ? (*errors)[0].error.sqnr_db() : 0;
}

class EachType : public ::testing::TestWithParam<IntegerType> {};

TEST_P(EachType, ComputesNearlyTheSameInIntegersAlone) {
  const Net net;
  const DType own = activation_type(GetParam());
  for (const DType io : {own, DType::float32, DType::int8, DType::uint8}) {
    const auto made = to_integer(net.model, net.ranges(), {.type = GetParam(), .input_type = io, .output_type = io});
    ASSERT_TRUE(made) << to_string(made.error());
    EXPECT_TRUE(made->real_nodes.empty());
    EXPECT_EQ(made->integer_nodes, 6);
    const Graph& g = made->model.main();
    EXPECT_EQ(g.tensor(g.inputs[0]).dtype, io);
    EXPECT_EQ(g.tensor(g.outputs[0]).dtype, io);
    EXPECT_EQ(g.tensor(g.outputs[0]).name, "out");
    EXPECT_EQ(made->conversions, io == own ? 0 : own == DType::int16 && io == DType::uint8 ? 3 : 2);
    EXPECT_GT(sqnr(net.model, made->model, net.samples()), 25);
  }
}

INSTANTIATE_TEST_SUITE_P(ToInteger, EachType,
                         ::testing::Values(IntegerType::int8, IntegerType::uint8, IntegerType::int16x8));

TEST(ToInteger, ScalesAreThoseOfTheSpecification) {
  const Net net;
  const auto made = to_integer(net.model, net.ranges(), {});
  ASSERT_TRUE(made);
  const Graph& g = made->model.main();
  const auto q = [&](TensorId id) { return g.tensor(id).quantization; };
  EXPECT_TRUE(same_mapping(q(net.left), q(net.both)));
  EXPECT_TRUE(same_mapping(q(net.right), q(net.both)));
  EXPECT_TRUE(same_mapping(q(net.flat), q(net.both)));
  EXPECT_TRUE(same_mapping(q(net.out), per_tensor(1.0f / 256, -128)));
  const Node& conv = g.nodes[0];
  EXPECT_EQ(q(conv.inputs[1]).scale.size(), 4u);
  EXPECT_EQ(q(conv.inputs[1]).dimension, 0);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_FLOAT_EQ(q(conv.inputs[2]).scale[c], q(net.x).scale[0] * q(conv.inputs[1]).scale[c]);
  }
  EXPECT_EQ(q(g.nodes[4].inputs[1]).scale.size(), 1u) << "FULLY_CONNECTED: one for all";
}

TEST(ToInteger, AnInputOfAConcatenationThatOthersReadKeepsItsScale) {
  Net net;
  GraphBuilder b(net.model.main());
  const TensorId alone = b.tensor("alone", DType::float32, {1, 4, 4, 4});
  b.node(OpCode::ADD, {net.left, net.left}, {alone}, "AddOptions", ops::NoAttributes{});
  b.output(alone);
  Ranges ranges = net.ranges();
  ranges[static_cast<size_t>(net.left)] = Range{-0.1, 0.1};
  const auto made = to_integer(net.model, ranges, {});
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(made->conversions, 1);
  const Graph& g = made->model.main();
  EXPECT_FLOAT_EQ(g.tensor(net.left).quantization.scale[0], 0.2f / 255);
  EXPECT_FALSE(same_mapping(g.tensor(net.left).quantization, g.tensor(net.both).quantization));
}

TEST(ToInteger, WhatIsKeptStaysBetweenConversions) {
  const Net net;
  const auto made = to_integer(net.model, net.ranges(), {.keep_float = {4}});
  ASSERT_TRUE(made);
  ASSERT_EQ(made->real_nodes.size(), 1u);
  EXPECT_EQ(made->real_nodes[0].why, "asked for");
  const Graph& g = made->model.main();
  const Node& kept = g.nodes[made->places[4]];
  EXPECT_EQ(g.tensor(kept.inputs[0]).dtype, DType::float32);
  EXPECT_EQ(g.nodes[made->places[4] - 1].op, OpCode::DEQUANTIZE);
  EXPECT_EQ(g.nodes[made->places[4] + 1].op, OpCode::QUANTIZE);
  EXPECT_GT(sqnr(net.model, made->model, net.samples()), 25);
}

TEST(ToInteger, ALargeBiasRaisesItsChannelsScaleInsteadOfOverflowing) {
  Net net;
  Graph& g = net.model.main();
  g.tensor(g.nodes[0].inputs[1]).data = Buffer::of(std::vector<float>{1e-9f, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
  g.tensor(g.nodes[0].inputs[2]).data = Buffer::of(std::vector<float>{3, 0.5f, -2, 0});
  const auto made = to_integer(net.model, net.ranges(), {});
  ASSERT_TRUE(made);
  const Graph& now = made->model.main();
  const Tensor& bias = now.tensor(now.nodes[0].inputs[2]);
  for (const auto& [channel, value] : {std::pair<size_t, double>{0, 3.0}, {2, -2.0}}) {
    EXPECT_NEAR(bias.data.get<int32_t>(channel) * double{bias.quantization.scale[channel]}, value, 0.02);
  }
  EXPECT_GT(sqnr(net.model, made->model, net.samples()), 20);
}

TEST(ToInteger, ActivationsWithoutARangeAreNamed) {
  const Net net;
  const auto made = to_integer(net.model, Ranges(net.model.main().tensors.size()), {});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().found.find("\"left\""), std::string::npos) << made.error().found;
}

TEST(ToInteger, AModelWithoutFloatsIsAnError) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.main());
  const TensorId x = b.input("x", DType::int32, {2}), y = b.tensor("y", DType::int32, {2});
  b.node(OpCode::ADD, {x, x}, {y}, "AddOptions", ops::NoAttributes{});
  b.output(y);
  EXPECT_FALSE(to_integer(model, Ranges(2), {}));
}

TEST(Calibrate, PartsSeeTheSameAsTheWhole) {
  const Net net;
  const auto whole = calibrate(net.model, net.samples()),
             parts = calibrate(net.model, net.samples(), {.most_bytes = 1});
  ASSERT_TRUE(whole && parts);
  EXPECT_EQ(whole->ranges, parts->ranges);
  EXPECT_TRUE(whole->ranges[static_cast<size_t>(net.x)]);
}

TEST(Calibrate, AModelWithoutActivationsHasTheRangesOfItsInputs) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.main());
  const TensorId x = b.input("x", DType::float32, {1, 4, 4, 3}), none = b.input("none", DType::float32, {1, 0});
  const TensorId axis = b.constant<int32_t>("axis", {}, {3}), y = b.tensor("y", DType::int64, {1, 4, 4});
  b.node(OpCode::ARG_MAX, {x, axis}, {y}, "ArgMaxOptions", ops::NoAttributes{});
  b.output(y);
  const Samples samples{1, [](size_t) -> Expected<std::vector<ops::Value>> {
                          return std::vector{ops::testing::value<float>({1, 4, 4, 3}, noise(48, 1)),
                                             ops::testing::value<float>({1, 0}, {})};
                        }};
  const auto made = calibrate(model, samples);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_TRUE(made->ranges[static_cast<size_t>(x)]);
  EXPECT_EQ(made->ranges[static_cast<size_t>(none)], (Range{})) << "an empty tensor has a range: any will do";
  const auto integers = to_integer(model, made->ranges, {});
  ASSERT_TRUE(integers) << to_string(integers.error());
  EXPECT_EQ(integers->model.main().tensor(x).dtype, DType::int8);
}

TEST(Calibrate, ASampleOfAnotherShapeIsAnError) {
  const Net net;
  const Samples wrong{1, [](size_t) -> Expected<std::vector<ops::Value>> {
                        return std::vector{ops::testing::value<float>({1, 2, 2, 3}, noise(12, 1))};
                      }};
  const auto made = calibrate(net.model, wrong);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().expected, "float32 1x4x4x3");
  EXPECT_FALSE(calibrate(net.model, Samples{}));
}

TEST(LayerErrors, OwnErrorsDoNotCountWhatComesFromBefore) {
  Net net;
  Ranges ranges = net.ranges();
  ranges[static_cast<size_t>(net.x)] = Range{-40, 40};  // a coarse input: every layer behind it suffers
  const auto made = to_integer(net.model, ranges, {});
  ASSERT_TRUE(made);
  const auto errors = layer_errors(net.model, *made, net.samples());
  ASSERT_TRUE(errors) << to_string(errors.error());
  ASSERT_EQ(errors->size(), 5u) << "the RESHAPE only moves";
  for (const LayerError& e : *errors) {
    if (e.tensor == net.left) {
      EXPECT_LT(e.own.sqnr_db(), 20) << "its own input is coarse";
    }
    if (e.tensor != net.scores) continue;
    EXPECT_GT(e.own.sqnr_db(), 30);
    EXPECT_LT(e.total.sqnr_db(), 20);
    EXPECT_EQ(e.total.elements, 4 * 5);
  }
}

TEST(FloatConstants, Float16AndInt8FiltersAreFloatAgain) {
  const Net net;
  Model half = net.model;
  EXPECT_GT(halve_constants(half.main()), 0);
  EXPECT_GT(float_constants(half), 0);
  EXPECT_EQ(half.main().nodes.size(), net.model.main().nodes.size());
  EXPECT_GT(sqnr(net.model, half, net.samples()), 55);
  Net wide;
  Graph& g = wide.model.main();
  const TensorId filter = GraphBuilder(g).constant<int8_t>("f", {4, 1, 1, 3}, std::vector<int8_t>(12, 2),
                                                           {.scale = {1, 2, 3, 4}, .zero_point = {0, 0, 0, 0}});
  g.nodes[0].inputs[1] = filter;
  EXPECT_EQ(float_constants(wide.model), 1);
  EXPECT_FLOAT_EQ(g.tensor(g.nodes[0].inputs[1]).data.get<float>(11), 8);
}

TEST(HalveConstants, LeavesASparseOne) {
  Net net;
  Graph& g = net.model.main();
  g.tensor(g.nodes[0].inputs[1]).sparsity = std::make_shared<const Sparsity>();
  const int before = halve_constants(Net().model.main());
  EXPECT_EQ(halve_constants(g), before - 1);
}

}  // namespace
}  // namespace monolite::quantize
