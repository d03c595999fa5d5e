// Graphs with trained ranges (FakeQuant), converted to integers and run beside the graph itself, which computes in
// float what the training saw.

#include "convert/interpret.h"
#include "convert/testing.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using Dims = std::vector<int64_t>;

constexpr double kMean = 128, kStdDev = 42.5;  // of the input: -3.01 to 2.99

class Net {
 public:
  std::string input(Dims dims) {
    const std::string x = placeholder(w, std::move(dims));
    return range("in", x, -128 / kStdDev, 127 / kStdDev);
  }
  std::string range(const std::string& name, const std::string& of, double least, double most, bool narrow = false) {
    return w.node(name, "FakeQuantWithMinMaxVars",
                  {of, w.floats(name + "/min", {}, {static_cast<float>(least)}),
                   w.floats(name + "/max", {}, {static_cast<float>(most)})},
                  {{"narrow_range", narrow}, {"num_bits", int64_t{8}}});
  }
  std::string filter(const std::string& name, Dims dims) {
    size_t count = 1;
    for (const int64_t d : dims) count *= static_cast<size_t>(d);
    std::vector<float> values;
    for (size_t i = 0; i < count; ++i) values.push_back(0.1f * static_cast<float>((i * 7) % 11) - 0.4f);
    return range(name + "/range", w.floats(name, std::move(dims), std::move(values)), -1, 1, true);
  }
  // A 1x1 convolution with a bias.
  std::string conv(const std::string& name, const std::string& x, int64_t channels, int64_t outputs) {
    w.float_node(name + "/conv", "Conv2D", {x, filter(name + "/w", {1, 1, channels, outputs})},
                 {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
    const std::vector<float> bias(static_cast<size_t>(outputs), 0.3f);
    return w.float_node(name, "BiasAdd", {name + "/conv", w.floats(name + "/b", {outputs}, bias)});
  }
  std::string scalar(const std::string& name, float v) { return w.floats(name, {}, {v}); }

  GraphWriter w;
};

struct Judged {
  std::string ops;
  double steps = 0;  // the greatest difference to the graph, in steps of the output's scale
  std::vector<std::string> remarks;
};

std::vector<float> real_values(const Tensor& t, const ops::Value& v) {
  std::vector<float> all;
  for (size_t i = 0; i < v.data.size_bytes(); ++i) {
    const int q = t.dtype == DType::int8 ? int{v.data.get<int8_t>(i)} : int{v.data.get<uint8_t>(i)};
    all.push_back(t.quantization.scale[0] * static_cast<float>(q - t.quantization.zero_point[0]));
  }
  return all;
}

Judged judge(const tf::Graph& graph, InferenceType type) {
  const auto c = convert(graph, {.type = type, .means = {kMean}, .std_devs = {kStdDev}});
  EXPECT_TRUE(c) << to_string(c.error());
  Judged j;
  if (!c) return j;
  const Graph& g = c->model.main();
  for (const Node& n : g.nodes) j.ops += (j.ops.empty() ? "" : " ") + op_name(n);
  j.remarks = c->remarks;
  const Shape shape = g.tensor(g.inputs[0]).shape;
  std::vector<uint8_t> bytes;
  std::vector<int8_t> turned;
  std::vector<float> reals;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    const auto q = static_cast<uint8_t>((i * 37 + 11) % 256);
    bytes.push_back(q);
    turned.push_back(static_cast<int8_t>(q - 128));
    reals.push_back(static_cast<float>((q - kMean) / kStdDev));
  }
  const bool is_int8 = type == InferenceType::int8;
  const ops::Value x = is_int8 ? ops::Value{DType::int8, shape, Buffer::of(std::move(turned))}
                               : ops::Value{DType::uint8, shape, Buffer::of(std::move(bytes))};
  const auto ours = ops::evaluate(c->model, std::vector{x});
  EXPECT_TRUE(ours) << to_string(ours.error());
  const ops::Value real{DType::float32, shape, Buffer::of(std::move(reals))};
  const auto theirs = run_graph(graph, {{"x", real}}, {g.tensor(g.outputs[0]).name});
  EXPECT_TRUE(theirs) << to_string(theirs.error());
  if (!ours || !theirs) return j;
  const Tensor& out = g.tensor(g.outputs[0]);
  const std::vector<float> got = real_values(out, (*ours)[0]);
  for (size_t i = 0; i < got.size(); ++i) {
    const float wanted = (*theirs)[0].data.get<float>(i);
    j.steps = std::max(j.steps, std::abs(double{got[i]} - double{wanted}) / double{out.quantization.scale[0]});
  }
  return j;
}

void expect_quantized(const tf::Graph& graph, const std::string& uint8_ops, const std::string& int8_ops) {
  const Judged as_uint8 = judge(graph, InferenceType::uint8), as_int8 = judge(graph, InferenceType::int8);
  EXPECT_EQ(as_uint8.ops, uint8_ops);
  EXPECT_EQ(as_int8.ops, int8_ops);
  EXPECT_LE(as_uint8.steps, 2.01);
  EXPECT_LE(as_int8.steps, 2.01);
}

TEST(QuantizedGraph, AHardSwishWithRangesInsideIsOneNode) {
  for (const bool inner : {false, true}) {
    Net n;
    const std::string y = n.range("y", n.conv("conv", n.input({1, 4, 4, 3}), 3, 5), -4, 4);
    const auto ranged = [&](const std::string& name, const std::string& x, double least, double most) {
      return inner ? n.range(name, x, least, most) : x;
    };
    n.w.float_node("add", "AddV2", {y, n.scalar("3", 3)});
    n.w.float_node("relu6", "Relu6", {ranged("add/range", "add", -1, 7)});
    n.w.float_node("product", "Mul", {y, ranged("relu6/range", "relu6", 0, 6)});
    n.w.float_node("sixth", "Mul", {ranged("product/range", "product", -2.25, 24), n.scalar("1/6", 1 / 6.0f)});
    n.range("out", "sixth", -0.4, 4);
    expect_quantized(n.w.take(), "CONV_2D HARD_SWISH", "CONV_2D HARD_SWISH");
  }
}

TEST(QuantizedGraph, WhatHandsValuesOnIsRequantizedIntoARangeOfItsOwn) {
  Net n;
  n.w.float_node("pool", "MaxPool", {n.input({1, 4, 4, 3})},
                 {{"ksize", Dims{1, 2, 2, 1}}, {"strides", Dims{1, 2, 2, 1}}, {"padding", std::string("VALID")}});
  n.range("out", "pool", -1, 1);
  expect_quantized(n.w.take(), "MAX_POOL_2D QUANTIZE", "MAX_POOL_2D QUANTIZE");
}

TEST(QuantizedGraph, ARangeBehindAnotherIsARequantization) {
  Net n;
  n.range("out", n.range("y", n.conv("conv", n.input({1, 4, 4, 3}), 3, 3), -3, 3), -1, 1);
  expect_quantized(n.w.take(), "CONV_2D QUANTIZE", "CONV_2D QUANTIZE");
}

TEST(QuantizedGraph, OfTheRangesBehindOneTensorTheWidestIsItsOwn) {
  Net n;
  const std::string y = n.conv("conv", n.input({1, 4, 4, 3}), 3, 3);
  n.w.float_node("sum", "AddV2", {n.range("narrow", y, 0, 1), n.range("wide", y, -3, 3)});
  n.range("out", "sum", -3, 4);
  expect_quantized(n.w.take(), "CONV_2D QUANTIZE ADD", "CONV_2D QUANTIZE ADD");
}

TEST(QuantizedGraph, InputsOfAMaximumHaveItsScale) {
  Net n;
  const std::string x = n.input({1, 4, 4, 3});
  n.w.float_node("larger", "Maximum", {x, n.range("y", n.conv("conv", x, 3, 3), -2, 2)});
  n.w.float_node("cut", "Minimum", {"larger", n.scalar("1.5", 1.5f)});
  n.range("out", "cut", -3, 1.5);
  expect_quantized(n.w.take(), "CONV_2D QUANTIZE MAXIMUM QUANTIZE MINIMUM",
                   "CONV_2D QUANTIZE MAXIMUM QUANTIZE MINIMUM");
}

TEST(QuantizedGraph, RangesPassSplitsAndSlices) {
  Net n;
  const std::string x = n.input({1, 4, 6});
  n.w.float_node("parts", "SplitV", {x, n.w.ints("sizes", {2}, {2, 4}), n.w.ints("axis", {}, {2})},
                 {{"num_split", int64_t{2}}});
  n.w.float_node("rows", "Unpack", {"parts:1"}, {{"axis", int64_t{1}}, {"num", int64_t{4}}});
  n.w.float_node("out", "Pack", {"rows:3", "rows", "rows:1"}, {{"axis", int64_t{1}}, {"N", int64_t{3}}});
  expect_quantized(n.w.take(), "SPLIT_V UNPACK PACK", "SPLIT_V UNPACK PACK");
}

// conv1d: the bias, and with it the range, stands behind a Squeeze.
TEST(QuantizedGraph, ARangeBehindAReshapeHoldsBeforeIt) {
  Net n;
  const std::string x = n.input({1, 1, 6, 3});
  n.w.float_node("conv", "Conv2D", {x, n.filter("w", {1, 3, 3, 4})},
                 {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  n.w.float_node("line", "Squeeze", {"conv"}, {{"squeeze_dims", Dims{1}}});
  n.w.float_node("bias", "BiasAdd", {"line", n.w.floats("b", {4}, {1, 0, -1, 0.5f})});
  n.w.float_node("relu", "Relu", {"bias"});
  n.range("out", "relu", 0, 8);
  expect_quantized(n.w.take(), "CONV_2D RESHAPE", "CONV_2D RESHAPE");
}

TEST(QuantizedGraph, AnActivationWithTwoEndsIsARange) {
  Net n;
  n.w.float_node("relu6", "Relu6", {n.conv("first", n.input({1, 4, 4, 3}), 3, 5)});
  n.range("out", n.conv("second", "relu6", 5, 4), -4, 4);
  const tf::Graph g = n.w.take();
  expect_quantized(g, "CONV_2D CONV_2D", "CONV_2D CONV_2D");
  EXPECT_EQ(judge(g, InferenceType::uint8).remarks,
            (std::vector<std::string>{"no trained range behind the activation \"relu6\": its own two ends are taken"}));
}

TEST(QuantizedGraph, ABatchNormBehindAFilterWithARange) {
  Net n;
  const std::string x = n.input({1, 4, 4, 3});
  n.w.float_node("conv", "Conv2D", {x, n.filter("w", {1, 1, 3, 4})},
                 {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  n.w.float_node("bn", "FusedBatchNormV3",
                 {"conv", n.w.floats("gamma", {4}, {1, 0.5f, -2, 3}), n.w.floats("beta", {4}, {1, 2, 1, 0}),
                  n.w.floats("mean", {4}, {0, 1, 0, -1}), n.w.floats("var", {4}, {1, 4, 2, 1})},
                 {{"epsilon", 0.001f}, {"is_training", false}});
  n.w.float_node("relu", "Relu6", {"bn"});
  n.range("out", "relu", 0, 6);
  const tf::Graph g = n.w.take();
  const Judged as_int8 = judge(g, InferenceType::int8);
  EXPECT_EQ(as_int8.ops, "CONV_2D");
  EXPECT_LE(as_int8.steps, 1.01) << "each channel keeps the steps that it was trained with";
  const Judged as_uint8 = judge(g, InferenceType::uint8);
  EXPECT_EQ(as_uint8.ops, "CONV_2D");
  EXPECT_LE(as_uint8.steps, 6) << "one scale for all channels, whatever the batch norm made of them";
}

TEST(QuantizedGraph, ATransposedConvolution) {
  Net n;
  const std::string x = n.input({1, 3, 3, 4});
  n.w.float_node("deconv", "Conv2DBackpropInput", {n.w.ints("size", {4}, {1, 6, 6, 3}), n.filter("w", {3, 3, 3, 4}), x},
                 {{"strides", Dims{1, 2, 2, 1}}, {"padding", std::string("SAME")}});
  n.w.float_node("bias", "BiasAdd", {"deconv", n.w.floats("b", {3}, {1, 0, -1})});
  n.range("out", "bias", -6, 6);
  expect_quantized(n.w.take(), "TRANSPOSE_CONV", "TRANSPOSE_CONV");
}

TEST(QuantizedGraph, WhatNoKernelComputesOnIntegersStaysInFloat) {
  Net n;
  const std::string x = n.input({2, 4, 3});
  n.w.float_node("product", "BatchMatMulV2", {x, x}, {{"adj_x", false}, {"adj_y", true}});
  n.range("out", "product", -28, 28);
  const tf::Graph g = n.w.take();
  const Judged as_uint8 = judge(g, InferenceType::uint8);
  EXPECT_EQ(as_uint8.ops, "DEQUANTIZE DEQUANTIZE BATCH_MATMUL QUANTIZE");
  EXPECT_LE(as_uint8.steps, 1.01);
  EXPECT_EQ(as_uint8.remarks,
            (std::vector<std::string>{"computed in float, between a DEQUANTIZE and a QUANTIZE, since no kernel takes "
                                      "uint8: BATCH_MATMUL"}));
  EXPECT_EQ(judge(g, InferenceType::int8).ops, "BATCH_MATMUL");
}

TEST(QuantizedGraph, AnActivationThatARangeAlreadyIsGoes) {
  Net n;
  const std::string x = n.range("six", n.conv("conv", n.input({1, 4, 4, 3}), 3, 3), 0, 6);
  n.w.float_node("relu6", "Relu6", {x});
  n.range("out", "relu6", 0, 6);
  expect_quantized(n.w.take(), "CONV_2D", "CONV_2D");
}

}  // namespace
}  // namespace monolite::conversion
