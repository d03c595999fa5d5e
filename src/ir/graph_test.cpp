#include "ir/graph.h"

#include <gtest/gtest.h>

#include "ir/builder.h"

namespace monolite {
namespace {

TEST(Graph, FindsProducersAndConsumers) {
  Graph g;
  GraphBuilder b(g);
  const auto x = b.input("x", DType::float32, {1, 4});
  const auto y = b.tensor("y", DType::float32, {1, 4});
  const auto z = b.tensor("z", DType::float32, {1, 4});
  b.node(OpCode::ABS, {x}, {y});
  b.node(OpCode::ADD, {y, y}, {z});
  b.output(z);
  EXPECT_EQ(g.producer(x), -1);
  EXPECT_EQ(g.producer(z), 1);
  EXPECT_EQ(g.consumers(y), std::vector<int>{1});
  EXPECT_TRUE(g.is_output(z));
  EXPECT_TRUE(g.is_input(x));
  g.replace_uses(y, x);
  EXPECT_EQ(g.nodes[1].inputs, (std::vector<TensorId>{x, x}));
  g.replace_uses(z, y);
  EXPECT_EQ(g.outputs, std::vector<TensorId>{y});
}

TEST(OpName, IsTheCodeOrTheCustomCode) {
  Node n;
  n.op = OpCode::CONV_2D;
  EXPECT_EQ(op_name(n), "CONV_2D");
  n.op = OpCode::CUSTOM;
  n.custom_code = "TFLite_Detection_PostProcess";
  EXPECT_EQ(op_name(n), "TFLite_Detection_PostProcess");
  EXPECT_EQ(name(static_cast<OpCode>(1234)), "OPERATOR_1234");
  EXPECT_EQ(op_code_from_name("RELU6"), OpCode::RELU6);
}

}  // namespace
}  // namespace monolite
