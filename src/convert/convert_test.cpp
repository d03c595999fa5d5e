#include "convert/convert.h"

#include <gtest/gtest.h>

#include <map>

#include "convert/freeze.h"
#include "convert/graph_writer.h"
#include "convert/graphviz.h"
#include "convert/interpret.h"
#include "convert/testing.h"
#include "passes/graph_edit.h"
#include "tensorflow/fixtures.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/saved_model.h"
#include "tflite/reader.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
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

TEST(Convert, FoldsBatchNormsAndActivations) {
  GraphWriter w;
  small_net(w, placeholder(w, {1, 3, 3, 1}));
  const auto c = convert(w.take(), {});
  ASSERT_TRUE(c) << to_string(c.error());
  const Graph& g = c->model.main();
  ASSERT_EQ(g.nodes.size(), 1u);
  EXPECT_EQ(g.nodes[0].op, OpCode::CONV_2D);
  EXPECT_EQ(passes::floats(g.tensor(g.nodes[0].inputs[1])), (std::vector<float>{1, 2}));
  EXPECT_EQ(passes::floats(g.tensor(g.nodes[0].inputs[2])), (std::vector<float>{1, 1}));
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
  const GraphWriter::Attrs attrs{{"strides", Dims{1, 1, 1, 1}}, {"padding", std::string("SAME")}};
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
