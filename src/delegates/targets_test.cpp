// Near misses of the targets beside NNAPI: what is just taken, and what just not.

#include "delegates/testing.h"

namespace monolite::delegates {
namespace {

using testing::OneNode;
using testing::q;

OneNode resize(DType dtype, int32_t in, int32_t out, bool align_corners) {
  OneNode g;
  g.input(dtype, {1, in, in, 3}, q(0.1f)).constant<int32_t>({2}, {out, out}).output(dtype, {1, out, out, 3}, q(0.1f));
  g.node(OpCode::RESIZE_BILINEAR, 3).attributes.set("align_corners", align_corners);
  return g;
}

OneNode arg_max(DType output, int32_t depth) {
  OneNode g;
  g.input(DType::int8, {1, 4, 4, depth}, q(0.1f)).constant<int32_t>({}, {3}).output(output, {1, 4, 4});
  g.node(OpCode::ARG_MAX, 2).attributes.set("output_type", static_cast<int64_t>(output));
  return g;
}

OneNode concatenation(DType dtype, int inputs, float first_scale) {
  OneNode g;
  for (int i = 0; i < inputs; ++i) g.input(dtype, {1, 4}, q(i == 0 ? first_scale : 1));
  g.output(dtype, {1, 4 * inputs}, q(1));
  g.node(OpCode::CONCATENATION, 2).attributes.set("axis", int64_t{1});
  return g;
}

OneNode quantize(DType from, DType to) {
  OneNode g;
  g.input(from, {1, 4}, q(1)).output(to, {1, 4}, q(1));
  g.node(OpCode::QUANTIZE, 2);
  return g;
}

OneNode unary(OpCode op, DType dtype) {
  OneNode g;
  g.input(dtype, {1, 4, 4, 3}, q(1)).output(dtype, {1, 4, 4, 3}, q(1));
  g.node(op);
  return g;
}

OneNode depthwise(int64_t dilation, int32_t filter) {
  OneNode g;
  const auto elements = static_cast<size_t>(filter * filter * 4);
  g.input(DType::int8, {1, 40, 40, 4}, q(1))
      .constant<int8_t>({1, filter, filter, 4}, std::vector<int8_t>(elements), q(1));
  g.constant<int32_t>({4}, {0, 0, 0, 0}, q(1)).output(DType::int8, {1, 40, 40, 4}, q(1));
  Node& n = g.node(OpCode::DEPTHWISE_CONV_2D, 3);
  n.attributes.set("stride_w", int64_t{1});
  n.attributes.set("stride_h", int64_t{1});
  n.attributes.set("depth_multiplier", int64_t{1});
  n.attributes.set("dilation_w_factor", dilation);
  n.attributes.set("dilation_h_factor", dilation);
  return g;
}

TEST(Xnnpack, Concatenates2To5InputsAndUint8OnlyOfOneScale) {
  EXPECT_EQ(concatenation(DType::uint8, 5, 1).verdict("xnnpack"), "taken");
  EXPECT_EQ(concatenation(DType::uint8, 6, 1).verdict("xnnpack"), "inputs");
  EXPECT_EQ(concatenation(DType::uint8, 2, 2).verdict("xnnpack"), "scales_differ");
  EXPECT_EQ(concatenation(DType::int8, 2, 2).verdict("xnnpack"), "taken");
}

TEST(Xnnpack, KeepsTheTypeOfAQuantize) {
  EXPECT_EQ(quantize(DType::uint8, DType::uint8).verdict("xnnpack"), "taken");
  EXPECT_EQ(quantize(DType::uint8, DType::int8).verdict("xnnpack"), "type_change");
  EXPECT_EQ(quantize(DType::float32, DType::int8).verdict("xnnpack"), "taken");
}

TEST(Xnnpack, JudgesTheShapesInTheFile) {
  OneNode g = resize(DType::uint8, 4, 8, true);
  EXPECT_EQ(g.verdict("xnnpack"), "taken");
  g.model.main().tensor(g.outputs[0]).shape = {};
  EXPECT_EQ(g.verdict("xnnpack"), "no_shape");
  EXPECT_EQ(g.verdict("nnapi-30"), "taken");
}

TEST(Xnnpack, ComputesReluAndPoolsInFloatOnly) {
  EXPECT_EQ(unary(OpCode::RELU, DType::float32).verdict("xnnpack"), "taken");
  EXPECT_EQ(unary(OpCode::RELU, DType::int8).verdict("xnnpack"), "float_only");
  EXPECT_EQ(unary(OpCode::LOGISTIC, DType::int8).verdict("xnnpack"), "taken");
}

TEST(Xnnpack, SlicesOfStatedSizeOnly) {
  for (const int32_t size : {2, -1}) {
    OneNode g;
    g.input(DType::float32, {4}).constant<int32_t>({1}, {2}).constant<int32_t>({1}, {size}).output(DType::float32, {2});
    g.node(OpCode::SLICE);
    EXPECT_EQ(g.verdict("xnnpack"), size < 0 ? "size" : "taken");
  }
}

TEST(Xnnpack, ReshapesToAShapeThatIsWritten) {
  const auto to = [](std::vector<int32_t> shape) {
    OneNode g;
    g.input(DType::float32, {2, 2});
    g.constant<int32_t>({static_cast<int32_t>(shape.size())}, shape).output(DType::float32, {4});
    g.node(OpCode::RESHAPE);
    return g;
  };
  EXPECT_EQ(to({4}).verdict("xnnpack"), "taken");
  EXPECT_EQ(to({1, -1}).verdict("xnnpack"), "taken");
  EXPECT_EQ(to({-1}).verdict("xnnpack"), "new_shape");
  OneNode computed;
  computed.input(DType::float32, {2, 2}).input(DType::int32, {1}).output(DType::float32, {4});
  computed.node(OpCode::RESHAPE);
  EXPECT_EQ(computed.verdict("xnnpack"), "not_constant");
}

TEST(Xnnpack, RefusesEmptyTensors) {
  OneNode g = unary(OpCode::RELU, DType::float32);
  g.model.main().tensor(g.inputs[0]).shape = {0, 4, 4, 3};
  EXPECT_EQ(g.verdict("xnnpack"), "empty");
}

TEST(Xnnpack, JudgesAGraphThatUnpacksItself) {
  OneNode g;
  g.output(DType::float32, {4});
  g.inputs = {g.outputs[0]};
  g.node(OpCode::DEQUANTIZE);
  EXPECT_EQ(g.verdict("xnnpack"), "type");
}

TEST(Gpu, RefusesLabelsAndSqueeze) {
  EXPECT_EQ(arg_max(DType::int32, 21).verdict("gpu"), "op");
  EXPECT_EQ(unary(OpCode::SQUEEZE, DType::float32).verdict("gpu"), "op");
  EXPECT_EQ(unary(OpCode::RELU6, DType::int8).verdict("gpu"), "taken");
  EXPECT_EQ(unary(OpCode::RELU6, DType::int32).verdict("gpu"), "type output_type");
}

TEST(EthosU, ResizesByItsFactorsOnly) {
  EXPECT_EQ(resize(DType::int8, 33, 513, true).verdict("ethos-u55"), "resize_factor");  // 16
  EXPECT_EQ(resize(DType::int8, 33, 513, true).verdict("ethos-u85"), "taken");
  EXPECT_EQ(resize(DType::int8, 65, 513, true).verdict("ethos-u55"), "taken");  // 8
  EXPECT_EQ(resize(DType::int8, 65, 513, false).verdict("ethos-u55"), "resize_factor");
  EXPECT_EQ(resize(DType::int8, 1, 513, false).verdict("ethos-u65"), "taken");
  EXPECT_EQ(resize(DType::int8, 4, 24, false).verdict("ethos-u85"), "resize_factor");  // 6
  EXPECT_EQ(resize(DType::float32, 4, 8, false).verdict("ethos-u85"), "type type");
}

TEST(EthosU, TakesLabelsOfAtMost127ClassesBelowU85) {
  EXPECT_EQ(arg_max(DType::int64, 127).verdict("ethos-u55"), "taken");
  EXPECT_EQ(arg_max(DType::int32, 128).verdict("ethos-u55"), "depth");
  EXPECT_EQ(arg_max(DType::int32, 151).verdict("ethos-u85"), "taken");
}

// A RESHAPE whose new shape is made of its input's, as Keras writes it for an open batch; or with a reader more.
Model computed_new_shape(DType dtype, bool is_read_elsewhere) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.graphs[0]);
  const auto x = b.input("x", dtype, {1, 1, 1, 4}, q(1));
  const auto shape = b.tensor("shape", DType::int32, {4}), wanted = b.tensor("wanted", DType::int32, {4});
  const auto y = b.tensor("y", dtype, {1, 1, 1, 4}, q(1));
  b.node(OpCode::SHAPE, {x}, {shape});
  b.node(OpCode::PACK, {shape}, {wanted});
  b.node(OpCode::RESHAPE, {x, wanted}, {y});
  b.output(y);
  if (is_read_elsewhere) b.output(wanted);
  return model;
}

TEST(EthosU, DropsWhatComputesANewShape) {
  const auto refused = [](const Model& model) {
    std::string nodes;
    const Judgement judgement = judge(GraphContext(model), **find_target("ethos-u85"));
    for (const auto& refusals : judgement) nodes += refusals.empty() ? '.' : 'x';
    return nodes;
  };
  EXPECT_EQ(refused(computed_new_shape(DType::int8, false)), "...");
  EXPECT_EQ(refused(computed_new_shape(DType::int8, true)), "xx.");
  EXPECT_EQ(refused(computed_new_shape(DType::float32, false)), "xxx");
}

TEST(EthosU, StopsAtAFileWithoutShapes) {
  OneNode g = resize(DType::int8, 4, 8, false);
  Graph& graph = g.model.main();
  graph.tensor(g.outputs[0]).shape = {};
  EXPECT_EQ(g.verdict("ethos-u55"), "rank");  // an output that nobody computes with: the node's own matter
  GraphBuilder b(graph);
  b.node(OpCode::RELU, {g.outputs[0]}, {b.tensor("z", DType::int8, {1, 8, 8, 3}, q(0.1f))});
  EXPECT_EQ(g.verdict("ethos-u55").substr(0, 8), "no_shape");
}

TEST(EthosU, StopsAtLabelsOfFloatScores) {
  OneNode g = arg_max(DType::int32, 21);
  g.model.main().tensor(g.inputs[0]).dtype = DType::float32;
  EXPECT_EQ(g.verdict("ethos-u85").substr(0, 10), "vela_stops");
}

// SPACE_TO_BATCH_ND, DEPTHWISE_CONV_2D, BATCH_TO_SPACE_ND; the last with its own block shape.
Model written_out_dilation(int32_t block_after) {
  OneNode g = depthwise(1, 3);
  Graph& graph = g.model.main();
  GraphBuilder b(graph);
  const TensorId in = b.input("in", DType::int8, {1, 80, 80, 4}, q(1)),
                 out = b.tensor("out", DType::int8, {1, 80, 80, 4}, q(1));
  const TensorId block = b.constant<int32_t>("block", {2}, {2, 2}),
                 pads = b.constant<int32_t>("pads", {2, 2}, {0, 0, 0, 0});
  const TensorId after = b.constant<int32_t>("after", {2}, {block_after, block_after});
  graph.inputs = {in};
  graph.outputs = {out};
  b.node(OpCode::SPACE_TO_BATCH_ND, {in, block, pads}, {g.inputs[0]});
  b.node(OpCode::BATCH_TO_SPACE_ND, {g.outputs[0], after, pads}, {out});
  std::swap(graph.nodes[0], graph.nodes[1]);
  return g.model;
}

TEST(EthosU, TakesADilationThatIsWrittenOut) {
  EXPECT_TRUE(check(written_out_dilation(2), **find_target("ethos-u55")).fully_delegated());
  EXPECT_EQ(check(written_out_dilation(4), **find_target("ethos-u55")).cpu_nodes.size(), 2u);
}

TEST(Edgetpu, KnowsOnlySmallResizes) {
  EXPECT_EQ(resize(DType::uint8, 12, 24, false).verdict("edgetpu"), "taken");
  EXPECT_EQ(resize(DType::uint8, 1, 33, true).verdict("edgetpu"), "resize_size");
}

// Axes of a scalar name nothing, and the types take them.
TEST(Targets, HaveAnAnswerAboutAMeanOfAScalar) {
  OneNode g;
  g.input(DType::uint8, {}, q(1)).constant<int32_t>({1}, {-1}).output(DType::uint8, {}, q(1));
  g.node(OpCode::MEAN);
  for (const Target& target : all_targets()) EXPECT_EQ(check(g.model, target).nodes, 1) << target.name;
}

TEST(Edgetpu, WorksOn8BitsOnly) {
  EXPECT_EQ(quantize(DType::uint8, DType::int8).verdict("edgetpu"), "taken");
  EXPECT_EQ(quantize(DType::float32, DType::int8).verdict("edgetpu"), "type");
}

TEST(Openvino, JudgesTheKindAlone) {
  EXPECT_EQ(arg_max(DType::int64, 151).verdict("openvino"), "taken");
  EXPECT_EQ(resize(DType::uint8, 33, 513, true).verdict("openvino"), "taken");
  EXPECT_EQ(unary(OpCode::SQUEEZE, DType::uint8).verdict("openvino"), "op");
  EXPECT_EQ(unary(OpCode::RELU6, DType::uint8).verdict("openvino"), "op");
}

TEST(Vx, RefusesInt64Labels) {
  EXPECT_EQ(arg_max(DType::int64, 21).verdict("vx"), "int64_output");
  EXPECT_EQ(arg_max(DType::int32, 21).verdict("vx"), "taken");
}

TEST(Hexagon, DilatesDepthwiseWithoutStride) {
  OneNode g = depthwise(2, 3);
  EXPECT_EQ(g.verdict("hexagon"), "taken");
  g.model.main().nodes[0].attributes.set("stride_w", int64_t{2});
  EXPECT_EQ(g.verdict("hexagon"), "dilation");
}

TEST(Coreml, TakesFloatOnly) {
  EXPECT_EQ(unary(OpCode::RELU6, DType::float32).verdict("coreml"), "taken");
  EXPECT_EQ(unary(OpCode::RELU6, DType::uint8).verdict("coreml"), "type");
}

TEST(Warnings, NameHugeDepthwiseWindows) {
  const OneNode g = depthwise(1, 17);
  const Verdict v = check(g.model, **find_target("nnapi-29"));
  ASSERT_EQ(v.warnings.size(), 3u);
  EXPECT_EQ(v.warnings[0],
            "node 0 DEPTHWISE_CONV_2D: a depthwise window of 17x17: accelerators are built for 3x3 and 5x5");
  EXPECT_EQ(v.warnings[1],
            "node 0 DEPTHWISE_CONV_2D: before level 30 int8 tensors are handed over as uint8, 128 added to each value");
}

TEST(FindTarget, OffersTheNearest) {
  EXPECT_EQ((*find_target("nnapi"))->name, "nnapi-29-cpu");
  EXPECT_EQ(find_target("ethos-u56").error().mend, "did you mean ethos-u55?");
}

}  // namespace
}  // namespace monolite::delegates
