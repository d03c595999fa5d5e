// Patterns of several TensorFlow nodes, each written by hand as graphs have it: what becomes of them, and that the
// numbers stay.

#include "convert/testing.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using Dims = std::vector<int64_t>;

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

// The ways in which graphs write x * relu6(x + 3) / 6; `form` 3 has a 4 instead of the 3, `form` 4 divides by 5.
tf::Graph hard_swish(int form) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 3, 3, 2});
  w.float_node("add", "AddV2", {x, w.floats("three", {}, {form == 3 ? 4.0f : 3.0f})});
  w.float_node("relu6", "Relu6", {"add"});
  const std::string sixth = w.floats("sixth", {}, {form == 4 ? 0.2f : 0.16667f});
  if (form == 0) {
    w.float_node("gate", "Mul", {"relu6", sixth});
    w.float_node("out", "Mul", {x, "gate"});
  } else if (form == 1) {
    w.float_node("gate", "RealDiv", {"relu6", w.floats("six", {}, {6})});
    w.float_node("out", "Mul", {"gate", x});
  } else {
    w.float_node("product", "Mul", {x, "relu6"});
    w.float_node("out", "Mul", {"product", sixth});
  }
  return w.take();
}

TEST(FuseHardSwish, IsOneNodeHoweverItIsWritten) {
  for (const int form : {0, 1, 2}) {
    EXPECT_EQ(try_graph(hard_swish(form)).ops, "HARD_SWISH") << form;
    expect_same_numbers(hard_swish(form), "fuse_hard_swish");
  }
  EXPECT_EQ(try_graph(hard_swish(2), {"fuse_hard_swish"}).ops, "ADD MUL MUL");
  for (const int form : {3, 4}) EXPECT_EQ(try_graph(hard_swish(form)).ops, "ADD MUL MUL") << form;
}

// x * rsqrt(max(sum(x * x, axis), epsilon)), as tf.nn.l2_normalize.
tf::Graph l2_normalize(int axis, float epsilon) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 3, 4});
  w.float_node("square", "Square", {x});
  w.float_node("sum", "Sum", {"square", w.ints("axis", {1}, {axis})},
               {{"keep_dims", true}, {"Tidx", tf::DataType::int32}});
  w.float_node("maximum", "Maximum", {"sum", w.floats("epsilon", {}, {epsilon})});
  w.float_node("rsqrt", "Rsqrt", {"maximum"});
  w.float_node("out", "Mul", {x, "rsqrt"});
  return w.take();
}

TEST(FuseL2Normalization, IsOneNode) {
  for (const int axis : {-1, 3}) {
    EXPECT_EQ(try_graph(l2_normalize(axis, 1e-12f)).ops, "L2_NORMALIZATION");
    expect_same_numbers(l2_normalize(axis, 1e-12f), "fuse_l2_normalization");
  }
  EXPECT_EQ(try_graph(l2_normalize(2, 1e-12f)).ops.find("L2"), std::string::npos) << "another axis";
  EXPECT_EQ(try_graph(l2_normalize(-1, 0.1f)).ops.find("L2"), std::string::npos) << "an epsilon that counts";
}

// A 3x3 convolution with stride 2 behind a PAD of its own.
tf::Graph padded(int extent, int before, int after) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, extent, extent, 1});
  w.float_node("pad", "Pad", {x, w.ints("amounts", {4, 2}, {0, 0, before, after, before, after, 0, 0})},
               {{"Tpaddings", tf::DataType::int32}});
  w.float_node("conv", "Conv2D", {"pad", w.floats("w", {3, 3, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9})},
               {{"strides", Dims{1, 2, 2, 1}}, {"padding", std::string("VALID")}});
  return w.take();
}

TEST(PadIntoConvolution, WhereSameDoesAsWell) {
  EXPECT_EQ(try_graph(padded(7, 1, 1)).ops, "CONV_2D");  // odd: as slim pads for stride 2
  EXPECT_EQ(try_graph(padded(8, 0, 1)).ops, "CONV_2D");
  expect_same_numbers(padded(7, 1, 1), "pad_into_convolution");
  expect_same_numbers(padded(8, 0, 1), "pad_into_convolution");
  EXPECT_EQ(try_graph(padded(8, 1, 1)).ops, "PAD CONV_2D") << "even: SAME would put the zero behind";
  EXPECT_EQ(try_graph(padded(7, 2, 0)).ops, "PAD CONV_2D");
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

TEST(MergeDilation, BecomesThatOfTheConvolution) {
  // 5x5, rate 2: SAME padding. With one row less padded above it is neither SAME nor VALID: a PAD says it.
  for (const int before : {2, 1}) {
    GraphWriter w;
    placeholder(w, {1, 5, 5, 1});
    const std::string block = w.ints("block", {2}, {2, 2});
    w.float_node("s2b", "SpaceToBatchND",
                 {"x", block, w.ints("pads", {2, 2}, {before, 5 - before, before, 5 - before})});
    w.float_node("conv", "DepthwiseConv2dNative", {"s2b", w.floats("w", {3, 3, 1, 1}, std::vector<float>(9, 1))},
                 {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("VALID")}});
    w.float_node("b2s", "BatchToSpaceND", {"conv", block, w.ints("crops", {2, 2}, {0, 1, 0, 1})});
    const auto c = convert(w.take(), {.outputs = {"b2s"}});
    ASSERT_TRUE(c) << to_string(c.error());
    const Graph& g = c->model.main();
    ASSERT_EQ(g.nodes.size(), before == 2 ? 1u : 2u);
    EXPECT_EQ(std::get<int64_t>(*g.nodes.back().attributes.find("dilation_h_factor")), 2);
    EXPECT_EQ(g.tensor(g.outputs[0]).shape, (Shape{1, 5, 5, 1}));
  }
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

// Self-attention as BERT's graphs have it: rows through dense layers, heads side by side in the batch.
TEST(FoldIntoConvolution, AttentionIsDenseLayersWithBiasAndTwoProductsOfBatches) {
  constexpr int kTokens = 6, kWidth = 8, kHeads = 2;
  GraphWriter w;
  const std::string x = placeholder(w, {1, kTokens, kWidth});
  w.float_node("rows", "Reshape", {x, w.ints("rows/shape", {2}, {-1, kWidth})}, {{"Tshape", tf::DataType::int32}});
  const auto dense = [&](const std::string& name, const std::string& in) {
    std::vector<float> weights;
    for (size_t i = 0; i < kWidth * kWidth; ++i)
      weights.push_back(0.1f * static_cast<float>((i * 7 + name[0]) % 11) - 0.5f);
    w.float_node(name + "/MatMul", "MatMul", {in, w.floats(name + "/kernel", {kWidth, kWidth}, weights)},
                 {{"transpose_a", false}, {"transpose_b", false}});
    return w.float_node(name + "/BiasAdd", "BiasAdd",
                        {name + "/MatMul", w.floats(name + "/bias", {kWidth}, std::vector<float>(kWidth, 0.25f))});
  };
  const auto heads = [&](const std::string& name) {
    w.float_node(name + "/heads", "Reshape",
                 {dense(name, "rows"), w.ints(name + "/shape", {4}, {1, kTokens, kHeads, kWidth / kHeads})},
                 {{"Tshape", tf::DataType::int32}});
    return w.float_node(name + "/t", "Transpose", {name + "/heads", w.ints(name + "/perm", {4}, {0, 2, 1, 3})},
                        {{"Tperm", tf::DataType::int32}});
  };
  const std::string q = heads("query"), k = heads("key"), v = heads("value");
  w.float_node("scores", "BatchMatMulV2", {q, k}, {{"adj_x", false}, {"adj_y", true}});
  w.float_node("scaled", "Mul", {"scores", w.floats("scale", {}, {0.5f})});
  w.float_node("shares", "Softmax", {"scaled"});
  w.float_node("context", "BatchMatMulV2", {"shares", v}, {{"adj_x", false}, {"adj_y", false}});
  w.float_node("back", "Transpose", {"context", w.ints("back/perm", {4}, {0, 2, 1, 3})},
               {{"Tperm", tf::DataType::int32}});
  w.float_node("joined", "Reshape", {"back", w.ints("joined/shape", {2}, {kTokens, kWidth})},
               {{"Tshape", tf::DataType::int32}});
  // No norm, as MobileBERT has it instead of a layer norm: a product and a sum, which the dense layer takes in.
  w.float_node("norm", "Mul", {dense("out", "joined"), w.floats("gamma", {kWidth}, std::vector<float>(kWidth, 2.0f))});
  w.float_node("normed", "AddV2", {"norm", w.floats("beta", {kWidth}, std::vector<float>(kWidth, -1.0f))});
  const tf::Graph graph = w.take();
  const Tried t = try_graph(graph);
  EXPECT_EQ(t.ops,
            "FULLY_CONNECTED RESHAPE TRANSPOSE FULLY_CONNECTED RESHAPE TRANSPOSE BATCH_MATMUL MUL SOFTMAX "
            "FULLY_CONNECTED RESHAPE TRANSPOSE BATCH_MATMUL TRANSPOSE RESHAPE FULLY_CONNECTED");
  expect_same_numbers(graph, "fold_into_convolution");
}

}  // namespace
}  // namespace monolite::conversion
