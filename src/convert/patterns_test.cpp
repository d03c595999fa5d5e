// Patterns of several TensorFlow nodes, each written by hand as graphs have it: what becomes of them, and that the
// numbers stay.

#include "convert/testing.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using Dims = std::vector<int64_t>;

std::vector<float> ramp(size_t count, float step = 0.1f) {
  std::vector<float> v;
  for (size_t i = 0; i < count; ++i) v.push_back(step * static_cast<float>((i * 7) % 11) - 0.4f);
  return v;
}

std::string scalar(GraphWriter& w, const std::string& name, float value) { return w.floats(name, {}, {value}); }

std::string conv(GraphWriter& w, const std::string& name, const std::string& x, int64_t channels, int64_t outputs,
                 const std::string& padding = "SAME", int64_t side = 1) {
  const auto count = static_cast<size_t>(side * side * channels * outputs);
  return w.float_node(name, "Conv2D", {x, w.floats(name + "/w", {side, side, channels, outputs}, ramp(count))},
                      {{"strides", Dims{1, 1, 1, 1}}, {"padding", padding}});
}

TEST(RemoveIdle, WhatChangesNothingGoes) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 3, 4});
  w.float_node("one", "Mul", {x, scalar(w, "1", 1)});
  w.float_node("zero", "AddV2", {scalar(w, "0", 0), "one"});
  w.float_node("pad", "Pad", {"zero", w.ints("none", {4, 2}, std::vector<int32_t>(8))});
  w.float_node("there", "Transpose", {"pad", w.ints("there/perm", {4}, {0, 3, 1, 2})});
  w.float_node("back", "Transpose", {"there", w.ints("back/perm", {4}, {0, 2, 3, 1})});
  w.float_node("flat", "Reshape", {"back", w.ints("flat/shape", {2}, {6, 4})});
  w.float_node("same", "Reshape", {"flat", w.ints("same/shape", {4}, {1, 2, 3, 4})});
  w.float_node("out", "Relu", {"same"});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "RELU");
  expect_same_numbers(g, "remove_idle");
}

TEST(RemoveIdle, AnOutputKeepsItsName) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 4});
  w.float_node("relu", "Relu", {x});
  w.float_node("out", "AddV2", {"relu", scalar(w, "0", 0)});
  const auto c = convert(w.take(), {});
  ASSERT_TRUE(c) << to_string(c.error());
  ASSERT_EQ(c->model.main().nodes.size(), 1u);
  EXPECT_EQ(c->model.main().tensor(c->model.main().outputs[0]).name, "out");

  GraphWriter same;
  same.float_node("out", "Mul", {placeholder(same, {1, 4}), scalar(same, "1", 1)});
  EXPECT_EQ(try_graph(same.take()).ops, "MUL") << "an output is not the input itself";
}

TEST(MergeEqual, TheSameOfTheSameIsComputedOnce) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 4, 4, 3});
  for (const char* name : {"a", "b", "c"}) {
    const std::string axes = w.ints(std::string(name) + "/axes", {2}, {1, name[0] == 'c' ? 0 : 2});
    w.float_node(name, "Mean", {x, axes}, {{"keep_dims", true}});
  }
  w.float_node("sum", "AddV2", {"a", "b"});
  w.float_node("out", "Mul", {"sum", "c"});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "MEAN ADD MEAN MUL");
  expect_same_numbers(g, "merge_equal");
}

TEST(DivideAsProduct, ByAConstantAlone) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 4});
  w.float_node("scaled", "RealDiv", {x, w.floats("by", {4}, {1, 2, 3, -7})});
  w.float_node("out", "RealDiv", {x, "scaled"});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "MUL DIV");
  expect_same_numbers(g, "divide_as_product");
}

TEST(Convert, AnOutputBehindAnIdentityHasItsName) {
  GraphWriter w;
  w.float_node("relu", "Relu", {placeholder(w, {1, 4})});
  w.float_node("scores", "Identity", {"relu"});
  const auto c = convert(w.take(), {.outputs = {"scores"}});
  ASSERT_TRUE(c) << to_string(c.error());
  EXPECT_EQ(c->model.main().tensor(c->model.main().outputs[0]).name, "scores");
}

TEST(FuseClamps, MinimaAndMaximaAreActivations) {
  const auto clamp = [](float low, float high, bool low_first) {
    GraphWriter w;
    const std::string x = conv(w, "conv", placeholder(w, {1, 2, 2, 3}), 3, 3);
    const std::string l = scalar(w, "low", low), h = scalar(w, "high", high);
    w.float_node("first", low_first ? "Maximum" : "Minimum", {low_first ? l : h, x});
    w.float_node("second", low_first ? "Minimum" : "Maximum", {"first", low_first ? h : l});
    return w.take();
  };
  for (const bool low_first : {true, false}) {
    EXPECT_EQ(try_graph(clamp(0, 6, low_first)).ops, "CONV_2D");
    EXPECT_EQ(try_graph(clamp(-1, 1, low_first)).ops, "CONV_2D");
    expect_same_numbers(clamp(0, 6, low_first), "fuse_clamps");
    expect_same_numbers(clamp(-1, 1, low_first), "fuse_clamps");
  }
  EXPECT_EQ(try_graph(clamp(0, 5, true)).ops, "CONV_2D MINIMUM") << "a RELU, and a bound of its own";
  EXPECT_EQ(try_graph(clamp(-2, 1, true)).ops, "CONV_2D MAXIMUM MINIMUM");
}

TEST(FuseSlopes, ALeakyReluWrittenAsAMaximum) {
  const auto leaky = [](float slope) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 2, 2, 3});
    w.float_node("scaled", "Mul", {x, scalar(w, "slope", slope)});
    w.float_node("out", "Maximum", {"scaled", x});
    return w.take();
  };
  EXPECT_EQ(try_graph(leaky(0.1f)).ops, "LEAKY_RELU");
  expect_same_numbers(leaky(0.1f), "fuse_slopes");
  EXPECT_EQ(try_graph(leaky(1.5f)).ops, "MUL MAXIMUM") << "above 1 the product is the larger where x is positive";
  EXPECT_EQ(try_graph(leaky(-0.5f)).ops, "MUL MAXIMUM");
}

TEST(FuseSlopes, APreluAsKerasWritesIt) {
  const auto prelu = [](bool subtracts, bool of_another) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 2, 2, 3});
    w.float_node("above", "Relu", {x});
    w.float_node("minus", "Neg", {of_another ? "above" : x});
    w.float_node("below", "Relu", {"minus"});
    w.float_node("steep", "Mul", {w.floats("alpha", {3}, {-0.5f, 0.25f, 2}), "below"});
    w.float_node("out", subtracts ? "Sub" : "AddV2", {"above", "steep"});
    return w.take();
  };
  for (const bool subtracts : {false, true}) {
    EXPECT_EQ(try_graph(prelu(subtracts, false)).ops, "PRELU");
    expect_same_numbers(prelu(subtracts, false), "fuse_slopes");
    EXPECT_NE(try_graph(prelu(subtracts, true)).ops, "PRELU");
  }
}

// 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))); the cube as a power or as products.
tf::Graph gelu_by_tanh(bool power, float cubic) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 3});
  if (power) {
    w.float_node("cube", "Pow", {x, scalar(w, "3", 3)});
  } else {
    w.float_node("square", "Mul", {x, x});
    w.float_node("cube", "Mul", {"square", x});
  }
  w.float_node("cubic", "Mul", {scalar(w, "c", cubic), "cube"});
  w.float_node("sum", "AddV2", {x, "cubic"});
  w.float_node("argument", "Mul", {"sum", scalar(w, "root", 0.7978846f)});
  w.float_node("tanh", "Tanh", {"argument"});
  w.float_node("share", "AddV2", {scalar(w, "1", 1), "tanh"});
  w.float_node("half", "Mul", {scalar(w, "0.5", 0.5f), "share"});
  w.float_node("out", "Mul", {x, "half"});
  return w.take();
}

TEST(FuseGelu, ByTanh) {
  for (const bool power : {true, false}) {
    EXPECT_EQ(try_graph(gelu_by_tanh(power, 0.044715f)).ops, "GELU");
    expect_same_numbers(gelu_by_tanh(power, 0.044715f), "fuse_gelu");
  }
  EXPECT_NE(try_graph(gelu_by_tanh(true, 0.05f)).ops, "GELU");
}

// Where x is a product itself, its factors are no part of the pattern.
TEST(FuseGelu, OfAProduct) {
  GraphWriter w;
  const std::string in = placeholder(w, {1, 4});
  const std::string x = w.float_node("square", "Mul", {in, w.float_node("half_of", "Mul", {in, scalar(w, "h", 0.5f)})});
  w.float_node("scaled", "Mul", {x, scalar(w, "root", 0.70710678f)});
  w.float_node("erf", "Erf", {"scaled"});
  w.float_node("sum", "AddV2", {"erf", scalar(w, "1", 1)});
  w.float_node("half", "Mul", {x, scalar(w, "0.5", 0.5f)});
  w.float_node("gelu", "Mul", {"half", "sum"});
  w.float_node("add", "AddV2", {"gelu", scalar(w, "3", 3)});
  w.float_node("relu6", "Relu6", {"add"});
  w.float_node("gate", "RealDiv", {"relu6", scalar(w, "6", 6)});
  w.float_node("out", "Mul", {"gelu", "gate"});
  EXPECT_EQ(try_graph(w.take()).ops, "MUL MUL GELU HARD_SWISH");
}

TEST(FuseGelu, ByTheErrorFunction) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 4});
  w.float_node("scaled", "RealDiv", {x, scalar(w, "root", 1.4142135f)});
  w.float_node("erf", "Erf", {"scaled"});
  w.float_node("sum", "AddV2", {"erf", scalar(w, "1", 1)});
  w.float_node("half", "Mul", {x, scalar(w, "0.5", 0.5f)});
  w.float_node("out", "Mul", {"half", "sum"});
  const Tried t = try_graph(w.take());
  EXPECT_EQ(t.ops, "GELU");
  for (size_t i = 0; i < t.values.size(); ++i) {
    const float v = 0.37f * static_cast<float>(i) - 5;
    EXPECT_NEAR(t.values[i], 0.5f * v * (1 + std::erf(v / std::sqrt(2.0f))), 1e-5);
  }
}

TEST(FuseGelu, AnErrorFunctionAloneIsNamed) {
  GraphWriter w;
  w.float_node("erf", "Erf", {placeholder(w, {1, 4})});
  const auto c = convert(w.take(), {});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().where, "node \"erf\" (Erf)");
  EXPECT_EQ(c.error().found, "an error function outside of a GELU");
}

TEST(FoldBeforeConvolution, NormalizationOfTheInputIsPartOfTheFilter) {
  const auto graph = [](const std::string& padding, int64_t side) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 5, 5, 3});
    w.float_node("scaled", "Mul", {x, w.floats("scale", {3}, {0.5f, 2, -1})});
    w.float_node("moved", "Sub", {"scaled", w.floats("mean", {3}, {1, 0, 3})});
    conv(w, "conv", "moved", 3, 2, padding, side);
    return w.take();
  };
  EXPECT_EQ(try_graph(graph("VALID", 3)).ops, "CONV_2D");
  EXPECT_EQ(try_graph(graph("SAME", 3)).ops, "MUL SUB CONV_2D") << "zeros at the border are not moved";
  expect_same_numbers(graph("VALID", 3), "fold_before_convolution");
}

TEST(FoldBeforeConvolution, ADepthwiseFilterHasItsChannelsSideBySide) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 4, 4, 2});
  w.float_node("scaled", "Mul", {x, w.floats("scale", {2}, {3, -0.5f})});
  w.float_node("conv", "DepthwiseConv2dNative", {"scaled", w.floats("w", {3, 3, 2, 3}, ramp(54))},
               {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "DEPTHWISE_CONV_2D");
  expect_same_numbers(g, "fold_before_convolution");
}

TEST(FoldIntoConvolution, BiasAndActivationBehindAReshapeOfTheRows) {
  GraphWriter w;
  const std::string x = placeholder(w, {2, 3, 4});
  w.float_node("rows", "Reshape", {x, w.ints("rows/shape", {2}, {-1, 4})});
  w.float_node("matmul", "MatMul", {"rows", w.floats("w", {4, 6}, ramp(24))});
  w.float_node("heads", "Reshape", {"matmul", w.ints("heads/shape", {4}, {2, 3, 2, 3})});
  w.float_node("bias", "AddV2", {"heads", w.floats("b", {2, 3}, ramp(6))});
  w.float_node("half", "RealDiv", {"bias", scalar(w, "2", 2)});
  w.float_node("out", "Relu", {"half"});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "FULLY_CONNECTED RESHAPE");
  expect_same_numbers(g, "fold_into_convolution");
}

TEST(MergeDilation, AcrossAnAxisForChannelsThatComesAndGoes) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 6, 6}), block = w.ints("block", {2}, {2, 2});
  w.float_node("s2b", "SpaceToBatchND", {x, block, w.ints("pads", {2, 2}, {2, 2, 2, 2})});
  w.float_node("wide", "ExpandDims", {"s2b", w.ints("last", {}, {-1})});
  conv(w, "conv", "wide", 1, 1, "VALID", 3);
  w.float_node("narrow", "Squeeze", {"conv"}, {{"squeeze_dims", Dims{3}}});
  w.float_node("out", "BatchToSpaceND", {"narrow", block, w.ints("crops", {2, 2}, {0, 0, 0, 0})});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "RESHAPE CONV_2D RESHAPE");
  expect_same_numbers(g, "merge_dilation");
}

TEST(Lowering, ATransposedConvolutionTakesBiasAndActivation) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 2, 2});
  w.float_node("deconv", "Conv2DBackpropInput",
               {w.ints("size", {4}, {1, 4, 4, 3}), w.floats("w", {2, 2, 3, 2}, ramp(24)), x},
               {{"strides", Dims{1, 2, 2, 1}}, {"padding", std::string("SAME")}});
  w.float_node("bias", "BiasAdd", {"deconv", w.floats("b", {3}, {1, 0, -1})});
  w.float_node("out", "Relu", {"bias"});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "TRANSPOSE_CONV");
  expect_same_numbers(g, "fold_into_convolution");
  // Stride 2, windows of 2: each pixel of the result comes from one of the picture.
  const std::vector<float> filter = ramp(24), y = try_graph(g).values;
  ASSERT_EQ(y.size(), 48u);
  const float first = 0.37f * 0 - 5, second = 0.37f * 1 - 5;  // the channels of the first pixel
  for (size_t o = 0; o < 3; ++o) {
    const float bias = o == 0 ? 1.0f : o == 1 ? 0.0f : -1.0f;
    EXPECT_NEAR(y[o], std::max(0.0f, filter[o * 2] * first + filter[o * 2 + 1] * second + bias), 1e-5) << o;
  }
}

TEST(Lowering, ABranchWithAConstantConditionIsTheSideThatIsTaken) {
  for (const bool is_training : {false, true}) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 3});
    const std::string condition =
        w.constant("is_training", tf::Tensor::of<uint8_t>(tf::DataType::boolean, {}, {uint8_t{is_training}}));
    w.float_node("switch", "Switch", {x, condition});
    w.float_node("test", "Neg", {"switch"});
    if (!is_training) w.float_node("unknown", "RandomUniform", {"switch:1"});
    w.float_node("train", "Abs", {is_training ? "switch:1" : "unknown"});
    w.float_node("out", "Merge", {"test", "train"});
    EXPECT_EQ(try_graph(w.take()).ops, is_training ? "ABS" : "NEG");
  }
}

TEST(Lowering, EinsumIsDenseLayersAndProductsOfBatches) {
  const auto einsum = [](const std::string& equation, Dims left, Dims right) {
    GraphWriter w;
    size_t count = 1;
    for (const int64_t d : right) count *= static_cast<size_t>(d);
    w.float_node("out", "Einsum", {placeholder(w, std::move(left)), w.floats("w", std::move(right), ramp(count))},
                 {{"equation", equation}});
    return w.take();
  };
  EXPECT_EQ(try_graph(einsum("abc,cd->abd", {1, 3, 4}, {4, 5})).ops, "FULLY_CONNECTED RESHAPE");
  EXPECT_EQ(try_graph(einsum("...c,cd->...d", {1, 3, 4}, {4, 5})).ops, "FULLY_CONNECTED RESHAPE");
  // x[t, h] = 0.37 (4 t + h) - 5 and w[t, h] in turn: sum over h for each pair of times.
  const Tried t = try_graph(einsum("th,sh->st", {2, 4}, {3, 4}));
  const std::vector<float> w = ramp(12);
  ASSERT_EQ(t.values.size(), 6u);
  for (size_t s = 0; s < 3; ++s) {
    for (size_t r = 0; r < 2; ++r) {
      float sum = 0;
      for (size_t h = 0; h < 4; ++h) sum += (0.37f * static_cast<float>(4 * r + h) - 5) * w[4 * s + h];
      EXPECT_NEAR(t.values[s * 2 + r], sum, 1e-4);
    }
  }
  GraphWriter summed;
  const std::string x = placeholder(summed, {2, 4});
  summed.float_node("out", "Einsum", {x, summed.floats("w", {4}, ramp(4))}, {{"equation", std::string("th,h->h")}});
  const auto c = convert(summed.take(), {});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().found, "an equation that sums over an axis of one operand");
}

TEST(Lowering, SplitsBySizeAndSlicesApart) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 6});
  w.float_node("split", "SplitV", {x, w.ints("sizes", {2}, {2, -1}), w.ints("axis", {}, {2})},
               {{"num_split", int64_t{2}}});
  w.float_node("slices", "Unpack", {"split:1"}, {{"axis", int64_t{1}}, {"num", int64_t{2}}});
  w.float_node("out", "Sub", {"slices", "slices:1"});
  const Tried t = try_graph(w.take());
  EXPECT_EQ(t.ops, "SPLIT_V UNPACK SUB");
  EXPECT_EQ(t.values.size(), 4u);
  for (const float v : t.values) EXPECT_NEAR(v, -6 * 0.37f, 1e-5);
}

TEST(Lowering, ANormOfTheInputsOwnStatistics) {
  const auto graph = [](float gamma) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 2, 5, 1});
    const auto none = tf::Tensor::of<float>(tf::DataType::float32, {0}, {});
    w.float_node("out", "FusedBatchNormV3",
                 {x, w.floats("gamma", {1}, {gamma}), w.floats("beta", {1}, {0}), w.constant("mean", none),
                  w.constant("variance", none)},
                 {{"epsilon", 0.0f}, {"is_training", true}});
    return w.take();
  };
  const Tried t = try_graph(graph(1));
  ASSERT_EQ(t.values.size(), 10u);
  // Ten numbers side by side, 0.37 apart: their variance is 0.37^2 * (100 - 1) / 12.
  for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(t.values[i], (static_cast<float>(i) - 4.5f) / std::sqrt(8.25f), 1e-5);
  EXPECT_EQ(convert(graph(2), {}).error().found, "batch norm in training mode") << "a graph that was not made for use";
}

TEST(Lowering, ReshapesToAScalar) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2});
  w.node("none", "Const", {},
         {{"dtype", tf::DataType::int32}, {"value", tf::Tensor::of<int32_t>(tf::DataType::int32, {0}, {})}});
  w.float_node("two", "Reshape", {w.floats("2", {1}, {2}), "none"});
  w.float_node("mean", "Mean", {x, w.ints("axes", {2}, {0, 1})}, {{"keep_dims", true}});
  w.float_node("scalar", "Reshape", {"mean", "none"});
  w.float_node("out", "Mul", {"scalar", "two"});
  const Tried t = try_graph(w.take());
  EXPECT_EQ(t.ops, "MEAN SQUEEZE MUL");
  ASSERT_EQ(t.values.size(), 1u);
  EXPECT_NEAR(t.values[0], -5 - 4.63f, 1e-5);
}

TEST(Lowering, BatchesTimesOneMatrixAreADenseLayer) {
  for (const bool turned : {false, true}) {
    GraphWriter w;
    const std::string x = placeholder(w, {2, 3, 4});
    const Dims dims = turned ? Dims{5, 4} : Dims{4, 5};
    w.float_node("out", "BatchMatMulV2", {x, w.floats("w", dims, ramp(20))}, {{"adj_x", false}, {"adj_y", turned}});
    const Tried t = try_graph(w.take());
    EXPECT_EQ(t.ops, "FULLY_CONNECTED RESHAPE");
    ASSERT_EQ(t.values.size(), 30u);
    float sum = 0;
    const auto weights = ramp(20);
    for (size_t k = 0; k < 4; ++k) sum += (0.37f * static_cast<float>(k + 4) - 5) * weights[turned ? 8 + k : 5 * k + 2];
    EXPECT_NEAR(t.values[7], sum, 1e-4) << "row 1, column 2";
  }
}

// Ops that are made of others, against their formula.
TEST(Lowering, ComposedOpsComputeWhatTheyAreNamedFor) {
  const std::pair<const char*, float (*)(float)> cases[] = {
      {"Softplus", [](float x) { return std::log1p(std::exp(x)); }},
      {"Softsign", [](float x) { return x / (1 + std::abs(x)); }},
      {"Expm1", [](float x) { return std::expm1(x); }},
      {"Reciprocal", [](float x) { return 1 / x; }},
      {"Selu", [](float x) { return x > 0 ? 1.0507009873f * x : 1.7580993408f * (std::exp(x) - 1); }}};
  for (const auto& [op, formula] : cases) {
    GraphWriter w;
    w.float_node("out", op, {placeholder(w, {29})});
    const Tried t = try_graph(w.take());
    ASSERT_EQ(t.values.size(), 29u) << op;
    for (size_t i = 0; i < 29; ++i) {
      const float x = 0.37f * static_cast<float>(i) - 5, wanted = formula(x);
      EXPECT_NEAR(t.values[i], wanted, 1e-5 + 1e-5 * std::abs(wanted)) << op << " of " << x;
    }
  }
}

}  // namespace
}  // namespace monolite::conversion
