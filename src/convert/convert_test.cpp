#include "convert/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "convert/freeze.h"
#include "convert/graph_writer.h"
#include "convert/graphviz.h"
#include "convert/inline_functions.h"
#include "convert/interpret.h"
#include "convert/testing.h"
#include "quantize/symmetric_filter.h"
#include "tensorflow/fixtures.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/saved_model.h"
#include "tflite/reader.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using Attrs = GraphWriter::Attrs;
using Dims = std::vector<int64_t>;

// input -> 1x1 convolution (filter {2, 4}) -> batch norm (scale 0.5, offset 1) -> Relu6
std::string small_net(GraphWriter& w, const std::string& x) {
  w.float_node("conv", "Conv2D", {x, w.floats("w", {1, 1, 1, 2}, {2, 4})},
               {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  w.float_node("bn", "FusedBatchNorm",
               {"conv", w.floats("gamma", {2}, {1, 1}), w.floats("beta", {2}, {1, 1}), w.floats("mean", {2}, {0, 0}),
                w.floats("var", {2}, {4, 4})},
               {{"epsilon", 0.0f}, {"is_training", false}});
  return w.float_node("relu", "Relu6", {"bn"});
}

std::vector<float> floats(const Tensor& t) {
  std::vector<float> v(t.data.size_bytes() / sizeof(float));
  std::memcpy(v.data(), t.data.data(), t.data.size_bytes());
  return v;
}

TEST(Convert, FoldsBatchNormsAndActivations) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 3, 3, 1}));
  const auto c = convert(w.take(), {});
  ASSERT_TRUE(c) << to_string(c.error());
  const Graph& g = c->model.main();
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(g.nodes[0].op, OpCode::CONV_2D);
  EXPECT_EQ(floats(g.tensor(g.nodes[0].inputs[1])), (std::vector<float>{1, 2}));
  EXPECT_EQ(floats(g.tensor(g.nodes[0].inputs[2])), (std::vector<float>{1, 1}));
  EXPECT_EQ(std::get<int64_t>(*g.nodes[0].attributes.find("fused_activation_function")), 3);
  EXPECT_EQ(g.tensor(g.outputs[0]).name, "relu");
  EXPECT_EQ(g.tensor(g.outputs[0]).shape, (Shape{1, 3, 3, 2}));
}

TEST(Convert, TakesOnlyThePlaceholdersThatMatter) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 3, 3, 1}));
  w.node("is_training", "Placeholder", {}, {{"dtype", tf::DataType::boolean}});
  const auto c = convert(w.take(), {.outputs = {"relu"}});
  ASSERT_TRUE(c) << to_string(c.error());
  EXPECT_EQ(c->model.main().inputs.size(), 1u);
}

TEST(Convert, KeepsABatchNormWhereTheSumIsReadTwice) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 3, 3, 1}));
  w.float_node("second", "Sub", {"conv", "relu"});
  const auto c = convert(w.take(), {.outputs = {"second"}});
  ASSERT_TRUE(c) << to_string(c.error());
  EXPECT_EQ(c->model.main().nodes.size(), 4u);  // CONV_2D, MUL, ADD with Relu6, SUB
}

TEST(Convert, QuantizesByTrainedRanges) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 3, 3, 1});
  w.node("wq", "FakeQuantWithMinMaxVars",
         {w.floats("w", {1, 1, 1, 2}, {2, 4}), w.floats("wmin", {}, {-2.54f}), w.floats("wmax", {}, {2.54f})},
         {{"narrow_range", true}, {"num_bits", int64_t{8}}});
  w.float_node("conv", "Conv2D", {x, "wq"}, {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  w.float_node("bias", "BiasAdd", {"conv", w.floats("b", {2}, {1, -1})});
  w.node("act", "FakeQuantWithMinMaxVars", {"bias", w.floats("amin", {}, {0}), w.floats("amax", {}, {2.55f})},
         {{"narrow_range", false}, {"num_bits", int64_t{8}}});
  const auto g = w.take();
  const auto c = convert(g, {.type = InferenceType::uint8, .means = {127.5}, .std_devs = {127.5}});
  ASSERT_TRUE(c) << to_string(c.error());
  const Graph& m = c->model.main();
  ASSERT_EQ(m.nodes.size(), 1u);
  const Tensor& filter = m.tensor(m.nodes[0].inputs[1]);
  EXPECT_EQ(filter.dtype, DType::uint8);
  EXPECT_EQ(filter.quantization.zero_point[0], 128);
  EXPECT_EQ(filter.data.get<uint8_t>(0), 228);  // 2 / 0.02 + 128
  EXPECT_EQ(filter.data.get<uint8_t>(1), 255);  // 4 is clamped to 2.54
  const Tensor& bias = m.tensor(m.nodes[0].inputs[2]);
  EXPECT_EQ(bias.dtype, DType::int32);
  EXPECT_EQ(bias.data.get<int32_t>(0), 6375);  // 1 / (2 / 255 * 0.02)
  EXPECT_EQ(m.tensor(m.outputs[0]).name, "act");
  EXPECT_NEAR(m.tensor(m.outputs[0]).quantization.scale[0], 0.01f, 1e-7);

  const auto none = convert(g, {.type = InferenceType::uint8});
  EXPECT_EQ(none.error().found, "no range (MinMax) for \"x\"");
  const auto real = convert(g, {});
  ASSERT_TRUE(real);
  EXPECT_EQ(real->remarks.size(), 1u) << "ranges that are not used are said";
}

TEST(Convert, Int8HasAScalePerChannelAndEqualScalesBeforeAConcatenation) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 2, 1});
  const auto range = [&](const std::string& name, const std::string& of, float most) {
    return w.node(name, "FakeQuantWithMinMaxVars",
                  {of, w.floats(name + "/min", {}, {0}), w.floats(name + "/max", {}, {most})});
  };
  w.float_node("conv", "Conv2D", {x, w.floats("w", {1, 1, 1, 2}, {1.27f, -2.54f})},
               {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  w.float_node("other", "Conv2D", {x, w.floats("v", {1, 1, 1, 2}, {1, 0})},
               {{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}});
  w.float_node("concat", "ConcatV2", {range("a", "conv", 2.55f), range("b", "other", 5.1f), w.ints("axis", {}, {3})});
  const auto c =
      convert(w.take(), {.outputs = {"concat"}, .type = InferenceType::int8, .means = {128}, .std_devs = {128}});
  ASSERT_TRUE(c) << to_string(c.error());
  const Graph& g = c->model.main();
  ASSERT_EQ(g.nodes.size(), 4u);
  EXPECT_EQ(g.nodes[2].op, OpCode::QUANTIZE) << "the input with the smaller range";
  const Tensor& filter = g.tensor(g.nodes[0].inputs[1]);
  EXPECT_EQ(filter.dtype, DType::int8);
  EXPECT_EQ(filter.data.get<int8_t>(0), 127);
  EXPECT_EQ(filter.data.get<int8_t>(1), -127);
  EXPECT_NEAR(filter.quantization.scale.at(1), 0.02f, 1e-7);
  EXPECT_EQ(g.tensor(g.nodes[0].inputs[2]).quantization.scale.size(), 2u);
  EXPECT_EQ(g.tensor(g.outputs[0]).quantization.zero_point[0], -128);
  EXPECT_NEAR(g.tensor(g.outputs[0]).quantization.scale[0], 0.02f, 1e-7);
}

TEST(SymmetricFilter, KeepsTheTrainedStepWhereItFits) {
  // Steps of 0.01: the first channel fits into 127 of them, the second (200) does not.
  Tensor t;
  t.shape = {2, 1, 1, 2};
  t.data = Buffer::of(std::vector<float>{0.5f, -1.27f, 2.0f, 1.0f});
  const quantize::SymmetricFilter f = quantize::symmetric_filter(OpCode::CONV_2D, t, {0.01});
  EXPECT_EQ(f.scales, (std::vector<double>{0.01, 2.0 / 127}));
  EXPECT_EQ(f.values, (std::vector<int8_t>{50, -127, 127, 64}));
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

TEST(Convert, AHardSwishIsOneNodeHoweverItIsWritten) {
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

TEST(Convert, AnL2NormalizationIsOneNode) {
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

TEST(Convert, APadThatSameDoesAsWellIsPartOfTheConvolution) {
  EXPECT_EQ(try_graph(padded(7, 1, 1)).ops, "CONV_2D");  // odd: as slim pads for stride 2
  EXPECT_EQ(try_graph(padded(8, 0, 1)).ops, "CONV_2D");
  expect_same_numbers(padded(7, 1, 1), "pad_into_convolution");
  expect_same_numbers(padded(8, 0, 1), "pad_into_convolution");
  EXPECT_EQ(try_graph(padded(8, 1, 1)).ops, "PAD CONV_2D") << "even: SAME would put the zero behind";
  EXPECT_EQ(try_graph(padded(7, 2, 0)).ops, "PAD CONV_2D");
}

// Self-attention as BERT's graphs have it: rows through dense layers, heads side by side in the batch.
TEST(Convert, AttentionIsDenseLayersWithBiasAndTwoProductsOfBatches) {
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

TEST(Convert, PassesAreNamedAndTimedAndAnUnknownOneIsAnError) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 3, 3, 1}));
  const tf::Graph graph = w.take();
  const auto c = convert(graph, {.without_passes = {"fuse_activations"}});
  ASSERT_TRUE(c);
  std::string names;
  for (const PassRun& p : c->passes) {
    names += p.name + " ";
    EXPECT_GE(p.ms, 0);
    EXPECT_EQ(p.is_left_out, p.name == "fuse_activations");
    if (p.name == "fold_into_convolution") {
      EXPECT_GT(p.changed, 0);
    }
  }
  EXPECT_EQ(names,
            "lower remove_idle merge_equal merge_dilation pad_into_convolution fuse_hard_swish fuse_l2_normalization "
            "fuse_gelu fuse_clamps fuse_slopes divide_as_product flatten_into_dense fold_into_convolution "
            "fold_before_convolution fuse_activations take_ranges tidy share_constants ");
  EXPECT_EQ(c->model.main().nodes.size(), 2u) << "the RELU6 stays";
  const auto wrong = convert(graph, {.without_passes = {"fuse_activation"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().mend, "did you mean \"fuse_activations\"?");
}

TEST(Convert, HalvesConstantsBehindADequantize) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 3, 3, 1}));
  const auto c = convert(w.take(), {.float16_constants = true});
  ASSERT_TRUE(c) << to_string(c.error());
  const Graph& g = c->model.main();
  ASSERT_EQ(g.nodes.size(), 3u);
  EXPECT_EQ(g.nodes[0].op, OpCode::DEQUANTIZE);
  EXPECT_EQ(g.tensor(g.nodes[0].inputs[0]).dtype, DType::float16);
  EXPECT_EQ(g.nodes[2].inputs[1], g.nodes[0].outputs[0]);
}

TEST(Convert, QuantizesOnlyLargeFiltersOfAFloatModel) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 2, 32});
  const Attrs attrs{{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}};
  w.float_node("large", "Conv2D", {x, w.floats("w", {1, 1, 32, 32}, std::vector<float>(1024, -0.5f))}, attrs);
  w.float_node("small", "Conv2D", {"large", w.floats("v", {1, 1, 32, 1}, std::vector<float>(32, 1))}, attrs);
  const auto c = convert(w.take(), {.int8_filters = true});
  ASSERT_TRUE(c) << to_string(c.error());
  const Graph& g = c->model.main();
  const Tensor& large = g.tensor(g.nodes[0].inputs[1]);
  EXPECT_EQ(large.dtype, DType::int8);
  EXPECT_EQ(large.data.get<int8_t>(0), -127);
  EXPECT_EQ(large.quantization.scale.size(), 32u);
  EXPECT_EQ(g.tensor(g.nodes[1].inputs[1]).dtype, DType::float32);
}

TEST(Graphviz, DrawsNodesAndArrows) {
  GraphWriter w;
  w.float_node("y", "Relu", {placeholder(w, {1, 2})});
  const auto c = convert(w.take(), {});
  ASSERT_TRUE(c) << to_string(c.error());
  EXPECT_EQ(graphviz(c->model),
            "digraph model {\n  node [shape=box];\n  t0 [shape=ellipse, label=\"x\"];\n  n0 [label=\"RELU\\ny\"];\n"
            "  t0 -> n0 [label=\"float32 1x2\"];\n  t1 [shape=ellipse, label=\"y\"];\n"
            "  n0 -> t1 [label=\"float32 1x2\"];\n}\n");
}

TEST(Convert, TakesTheSizeFromThePreprocessing) {
  SHARED_OR_SKIP(file, "fixtures/deeplab_tiny_float/frozen_inference_graph.pb");
  const auto g = tf::read_graph_def(file).value();
  const auto index = NodeIndex::of(g).value();
  EXPECT_EQ(shape_by_preprocessing(g, index, "MobilenetV2/MobilenetV2/input"), (Shape{1, 65, 65, 3}));
  EXPECT_EQ(shape_by_preprocessing(g, index, "Cast"), std::nullopt) << "it follows the picture";
}

TEST(Convert, ASizeThatFollowsThePictureIsTakenBehindThePreprocessing) {
  GraphWriter w;
  w.node("ImageTensor", "Placeholder", {},
         {{"dtype", tf::DataType::uint8}, {"shape", tf::PartialShape{true, {1, -1, -1, 3}}}});
  w.node("cast", "Cast", {"ImageTensor"}, {{"SrcT", tf::DataType::uint8}, {"DstT", tf::DataType::float32}});
  w.float_node("MobilenetV2/MobilenetV2/input", "Identity", {"cast"});
  w.node("ArgMax", "ArgMax", {"MobilenetV2/MobilenetV2/input", w.ints("axis", {}, {3})});
  const auto c = convert(w.take(), {});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().mend,
            "begin behind the preprocessing: --input_arrays=MobilenetV2/MobilenetV2/input --output_arrays=ArgMax; or "
            "give it with --input_shapes=1,HEIGHT,WIDTH,3");
}

TEST(Convert, NamesAnOperatorWithoutLowering) {
  GraphWriter w;
  w.float_node("y", "Betainc", {placeholder(w, {1, 2})}, {{"alpha", 1.0f}});
  const auto g = w.take();
  EXPECT_EQ(to_string(convert(g, {}).error()),
            "node \"y\" (Betainc)\n  found     an operator without a lowering, with attributes T, alpha\n  expected  "
            "one of those "
            "in docs/convert.md\n"
            "  to mend   cut the graph before it with --output_arrays, or keep it as a custom operator with "
            "--allow_custom_ops");
  const auto kept = convert(g, {.allow_custom_ops = true});
  ASSERT_TRUE(kept) << to_string(kept.error());
  EXPECT_EQ(kept->model.main().nodes[0].custom_code, "Betainc");
}

TEST(Convert, MergesHolesIntoTheConvolution) {
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

using Constants = std::multimap<std::vector<std::byte>, int>;

Constants integer_constants(const Model& m) {
  Constants all;
  for (const Tensor& t : m.main().tensors) {
    if (!t.is_constant() || !t.quantization.is_quantized()) continue;
    all.emplace(std::vector<std::byte>(t.data.bytes().begin(), t.data.bytes().end()), 0);
  }
  return all;
}

void expect_tocos(const std::string& folder, const std::string& answer, Request request) {
  SHARED_OR_SKIP(graph, "fixtures/" + folder + "/frozen_inference_graph.pb");
  SHARED_OR_SKIP(toco, "fixtures/" + answer + "/toco.tflite");
  request.inputs = {"MobilenetV2/MobilenetV2/input"};
  request.outputs = {"ArgMax"};
  request.type = InferenceType::uint8;
  request.means = request.std_devs = {127.5};
  const auto c = convert(tf::read_graph_def(graph).value(), request);
  ASSERT_TRUE(c) << to_string(c.error());
  EXPECT_TRUE(integer_constants(c->model) == integer_constants(tflite::read_file(toco).value()));
}

TEST(Convert, QuantizedFilesHaveTocosConstants) {
  for (const char* name : {"deeplab_tiny_qat", "deeplab_tiny_os8_qat", "deeplab_tiny_plus_qat"})
    expect_tocos(name, name, {});
  expect_tocos("deeplab_tiny_float", "dummy_quant_tiny", {.default_range = {{0.0, 6.0}}});
}

TEST(Convert, PutsFunctionsAndVariablesOfTensorFlow2InPlace) {
  SHARED_OR_SKIP(folder, "fixtures/saved_model/tf2_keras");
  auto model = tf::read_saved_model(folder, {"serve"}).value();
  const auto outputs = model.signatures.at("serving_default").outputs;
  const auto g = freeze(std::move(model));
  ASSERT_TRUE(g) << to_string(g.error());
  const auto c = convert(*g, {.inputs = {"serving_default_input_1"}, .outputs = {outputs.at(0).tensor}});
  ASSERT_TRUE(c) << to_string(c.error());
  std::vector<OpCode> ops;
  for (const Node& n : c->model.main().nodes) ops.push_back(n.op);
  EXPECT_EQ(ops, (std::vector<OpCode>{OpCode::CONV_2D, OpCode::DEPTHWISE_CONV_2D, OpCode::MEAN, OpCode::FULLY_CONNECTED,
                                      OpCode::SOFTMAX}));
}

// "w", a filter of 2x3, of which the graph has the first column and the other two apart.
TEST(Freeze, TakesApartWhatTheGraphKeepsInParts) {
  std::string folder = testing::TempDir() + "monolite_freeze_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(tf::write_checkpoint(folder + "/model.ckpt",
                                   {{"w", tf::Tensor::of<float>(tf::DataType::float32, {2, 3}, {1, 2, 3, 4, 5, 6})}}));
  for (const bool is_resource : {false, true}) {
    GraphWriter w;
    for (const int64_t part : {0, 1}) {
      w.node("w/part_" + std::to_string(part), is_resource ? "VarHandleOp" : "VariableV2", {},
             {{"dtype", tf::DataType::float32}, {"shape", tf::PartialShape{true, {2, part + 1}}}});
      if (is_resource) w.node("read_" + std::to_string(part), "ReadVariableOp", {"w/part_" + std::to_string(part)});
    }
    const auto g = freeze(w.take(), tf::Checkpoint::open(folder + "/model.ckpt").value(), {});
    ASSERT_TRUE(g) << to_string(g.error());
    const tf::Node& second = g->nodes[is_resource ? 3 : 1];
    EXPECT_EQ(second.op, "Const");
    const auto* value = second.attr<tf::Tensor>("value");
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(value->dims, (Dims{2, 2}));
    for (const auto& [i, wanted] : {std::pair(0, 2.0f), std::pair(1, 3.0f), std::pair(2, 5.0f), std::pair(3, 6.0f)})
      EXPECT_EQ(value->data.get<float>(static_cast<size_t>(i)), wanted);
  }
  std::filesystem::remove_all(folder);
}

TEST(InlineFunctions, EndsWhereAFunctionCallsItself) {
  tf::Graph g;
  const tf::Node call{"call", "PartitionedCall", {}, "", {{"f", tf::FunctionName{"f"}}}};
  g.nodes = {call};
  g.functions = {{"f", {}, {}, {}, {call, {"call2", "PartitionedCall", {}, "", {{"f", tf::FunctionName{"f"}}}}}}};
  EXPECT_EQ(inline_functions(g).error().expected, "functions that do not call themselves");
}

// Names of nodes in functions stand behind the names of all calls: a small file may ask for terabytes.
TEST(InlineFunctions, BoundsTheNamesOfFunctionsInFunctions) {
  const std::string name(100000, 'x');
  tf::Graph g;
  g.nodes = {{"call", "PartitionedCall", {}, "", {{"f", tf::FunctionName{"f0"}}}}};
  for (int i = 0; i < 12; ++i) {
    tf::Function f{"f" + std::to_string(i), {}, {}, {}, {}};
    const std::string called = "f" + std::to_string(i + 1);
    for (const char* which : {"a", "b"}) {
      f.nodes.push_back({name + which, "PartitionedCall", {}, "", {{"f", tf::FunctionName{called}}}});
    }
    g.functions.push_back(std::move(f));
  }
  g.functions.push_back({"f12", {}, {}, {}, {{"leaf", "NoOp"}}});
  EXPECT_EQ(inline_functions(g).error().found, "more than 256 MiB of names");
}

TEST(Lowerings, StandInTheDocuments) {
  const Buffer page = map_file(MONOLITE_DOCS "/convert.md").value();
  const std::string text(reinterpret_cast<const char*>(page.data()), page.size_bytes());
#define LOWERING(op, function) EXPECT_NE(text.find(#op), std::string::npos) << #op;
#include "convert/lowerings.inc"
#undef LOWERING
}

TEST(RunGraph, ComputesAsTheGraphHasIt) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 1, 1, 1}));
  // 1.5 -> {3, 6} -> 0.5 x + 1 -> {2.5, 4}
  const ops::Value x{DType::float32, {1, 1, 1, 1}, Buffer::of(std::vector<float>{1.5f})};
  const auto y = run_graph(w.take(), {{"x", x}}, {"relu"});
  ASSERT_TRUE(y) << to_string(y.error());
  EXPECT_EQ((*y)[0].data.get<float>(0), 2.5f);
  EXPECT_EQ((*y)[0].data.get<float>(1), 4.0f);
}

}  // namespace
}  // namespace monolite::conversion
