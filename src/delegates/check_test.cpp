#include "delegates/check.h"

#include "delegates/testing.h"

namespace monolite::delegates {
namespace {

// x -> RELU -> CUSTOM -> RELU -> RELU -> y, each 1x4x4x8 float32.
Model chain(const std::vector<OpCode>& ops) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.main());
  TensorId at = b.input("x", DType::float32, {1, 4, 4, 8});
  for (size_t i = 0; i < ops.size(); ++i) {
    const TensorId next = b.tensor("t" + std::to_string(i), DType::float32, {1, 4, 4, 8});
    b.node(ops[i], {at}, {next});
    at = next;
  }
  b.output(at);
  return model;
}

const Target& target(std::string_view name) { return **find_target(name); }

TEST(Check, SaysWhatCrossesTheBorders) {
  const Model m = chain({OpCode::RELU, OpCode::CUSTOM, OpCode::RELU, OpCode::RELU});
  const Verdict v = check(m, target("nnapi"));
  ASSERT_EQ(v.segments.size(), 3u);
  EXPECT_EQ(v.partitions, 2);
  EXPECT_EQ(v.delegated_nodes, 3);
  EXPECT_FALSE(v.fully_delegated());
  EXPECT_EQ(v.segments[0].bytes_in, 512);
  EXPECT_EQ(v.segments[0].bytes_out, 512);
  EXPECT_EQ(v.segments[2].nodes, (std::vector<int>{2, 3}));
  EXPECT_EQ(v.segments[2].inputs, (std::vector<TensorId>{2}));
  EXPECT_EQ(v.segments[2].outputs, (std::vector<TensorId>{4}));
  ASSERT_EQ(v.cpu_nodes.size(), 1u);
  EXPECT_EQ(v.cpu_nodes[0].reasons[0].code, "custom_op");
}

TEST(Check, GivesNodesBackBeyondTheLimitWithThatReason) {
  const Model m = chain({OpCode::RELU, OpCode::CUSTOM, OpCode::RELU, OpCode::RELU});
  const Verdict v = check(m, target("nnapi"), {.most_partitions = 1});
  EXPECT_EQ(v.partitions, 1);
  ASSERT_EQ(v.cpu_nodes.size(), 2u);
  EXPECT_EQ(v.cpu_nodes[0].index, 0);
  EXPECT_EQ(v.cpu_nodes[0].reasons[0].code, "partition_limit");
}

TEST(Check, DropsPartitionsThatAreTooSmall) {
  const Model m = chain({OpCode::RELU, OpCode::CUSTOM, OpCode::RELU, OpCode::RELU});
  const Verdict v = check(m, target("coreml"));
  EXPECT_EQ(v.partitions, 1);
  EXPECT_EQ(v.cpu_nodes[0].reasons[0].code, "partition_size");
}

TEST(Check, KnowsCastsOfTheBorder) {
  Model m = chain({OpCode::RELU, OpCode::CAST});
  m.main().tensors[2].dtype = DType::int64;
  EXPECT_TRUE(check(m, target("nnapi")).only_border_casts);
  m = chain({OpCode::RELU, OpCode::CAST, OpCode::RELU});
  m.main().tensors[2].dtype = DType::int64;
  EXPECT_FALSE(check(m, target("nnapi")).only_border_casts);
}

TEST(Check, TakesFloat16WeightsAlongWhenAllElseIsTaken) {
  for (const bool with_custom : {false, true}) {
    Model m = chain({OpCode::RELU, with_custom ? OpCode::CUSTOM : OpCode::RELU});
    GraphBuilder b(m.main());
    const TensorId packed = b.constant("w16", DType::float16, {1, 4, 4, 8}, Buffer::of(std::vector<uint16_t>(128)));
    const TensorId w = b.tensor("w", DType::float32, {1, 4, 4, 8});
    const TensorId y = b.tensor("sum", DType::float32, {1, 4, 4, 8});
    b.node(OpCode::DEQUANTIZE, {packed}, {w}).version = 3;
    b.node(OpCode::ADD, {2, w}, {y});
    const Verdict v = check(m, target("nnapi-29"));
    EXPECT_EQ(v.fully_delegated(), !with_custom);
    EXPECT_EQ(v.cpu_nodes.empty() ? "" : v.cpu_nodes.back().reasons[0].code, with_custom ? "float16_weights" : "");
  }
}

TEST(Check, RefusesAGraphWithAShapeKnownOnlyWhileItRuns) {
  Model m = chain({OpCode::RELU});
  GraphBuilder b(m.main());
  const TensorId shape = b.input("shape", DType::int32, {2});
  m.main().inputs.push_back(shape);
  const TensorId y = b.tensor("y", DType::float32, {});
  b.node(OpCode::RESHAPE, {1, shape}, {y});
  const GraphContext graph(m);
  EXPECT_TRUE(graph.is_dynamic(1));
  const Verdict v = check(graph, target("nnapi"));
  EXPECT_EQ(v.partitions, 0);
  EXPECT_EQ(v.cpu_nodes.size(), 2u);
  EXPECT_EQ(v.cpu_nodes[0].reasons[0].code, "dynamic_shape");
}

}  // namespace
}  // namespace monolite::delegates
