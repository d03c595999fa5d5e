#include "ops/subgraph.h"

#include "ops/limits.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::value;

// A graph of the model under test, and what is in it.
struct Part {
  Graph& graph;
  GraphBuilder b;
  explicit Part(Model& model, size_t index) : graph(model.graphs[index]), b(graph) {}
  TensorId input(DType dtype, Shape shape = {}) { return b.input("x", dtype, std::move(shape)); }
  TensorId node(OpCode op, std::vector<TensorId> inputs, DType dtype, Shape shape = {}) {
    const TensorId y = b.tensor("y", dtype, std::move(shape));
    b.node(op, std::move(inputs), {y});
    return y;
  }
};

Model of_graphs(size_t count) { return Model{.graphs = std::vector<Graph>(count)}; }

// while (i < n) { i += step; total += i; }
Model sum_up_to(int32_t step) {
  Model m = of_graphs(3);
  Part main(m, 0), condition(m, 1), body(m, 2);
  const std::vector<TensorId> start = {main.input(DType::int32), main.input(DType::int32), main.input(DType::int32)};
  const std::vector<TensorId> end = {main.b.tensor("i", DType::int32, {}), main.b.tensor("n", DType::int32, {}),
                                     main.b.tensor("total", DType::int32, {})};
  Node& loop = main.b.node(OpCode::WHILE, start, end);
  loop.attributes.set("cond_subgraph_index", int64_t{1});
  loop.attributes.set("body_subgraph_index", int64_t{2});
  main.b.output(end[2]);
  const TensorId i = condition.input(DType::int32), n = condition.input(DType::int32);
  condition.input(DType::int32);
  condition.b.output(condition.node(OpCode::LESS, {i, n}, DType::boolean));
  const TensorId before = body.input(DType::int32), most = body.input(DType::int32), total = body.input(DType::int32);
  const TensorId next = body.node(OpCode::ADD, {before, body.b.constant<int32_t>("step", {}, {step})}, DType::int32);
  for (const TensorId id : {next, most, body.node(OpCode::ADD, {total, next}, DType::int32)}) body.b.output(id);
  return m;
}

std::vector<Value> from(int32_t i, int32_t n) {
  return {value<int32_t>({}, {i}), value<int32_t>({}, {n}), value<int32_t>({}, {0})};
}

std::string error(const Model& m, const std::vector<Value>& inputs) {
  const auto outputs = evaluate(m, inputs);
  return outputs ? "no error" : to_string(outputs.error());
}

TEST(While, RunsItsBodyWhileTheConditionHolds) {
  const Model m = sum_up_to(1);
  EXPECT_EQ(elements<int32_t>((*evaluate(m, from(0, 4)))[0]), (std::vector<int32_t>{1 + 2 + 3 + 4}));
  EXPECT_EQ(elements<int32_t>((*evaluate(m, from(9, 4)))[0]), (std::vector<int32_t>{0}));
}

TEST(While, EndsALoopThatWouldNot) {
  EXPECT_NE(error(sum_up_to(0), from(0, 4)).find(std::to_string(kMostRounds) + " rounds"), std::string::npos);
}

TEST(While, RefusesAGraphThatCallsItself) {
  Model m = sum_up_to(1);
  m.graphs[2].nodes.push_back(m.graphs[0].nodes[0]);
  EXPECT_NE(error(m, from(0, 4)).find("calls itself"), std::string::npos);
  m = sum_up_to(1);
  m.graphs[0].nodes[0].attributes.set("body_subgraph_index", int64_t{-1});
  EXPECT_NE(error(m, from(0, 4)).find("a call of subgraph -1"), std::string::npos);
  m.graphs[0].nodes[0].attributes.set("body_subgraph_index", int64_t{1});
  EXPECT_NE(error(m, from(0, 4)).find("one subgraph as condition and body"), std::string::npos);
}

TEST(While, RefusesCallsThatMultiply) {
  Model m = sum_up_to(1);
  for (int level = 0; level < 30; ++level) {  // each calls the one before twice
    Graph caller;
    GraphBuilder b(caller);
    for (int k = 0; k < 2; ++k) {
      Node& call = b.node(OpCode::STABLEHLO_COMPOSITE, {}, {});
      call.attributes.set("decomposition_subgraph_index", static_cast<int64_t>(m.graphs.size()) - 1);
    }
    m.graphs.push_back(caller);
  }
  m.graphs[0].nodes[0].attributes.set("body_subgraph_index", static_cast<int64_t>(m.graphs.size()) - 1);
  EXPECT_NE(error(m, from(0, 4)).find("calls itself, or others too often"), std::string::npos);
}

TEST(While, RefusesShapesThatGrow) {
  Model m = of_graphs(3);
  Part main(m, 0), condition(m, 1), body(m, 2);
  const TensorId x = main.input(DType::float32, {1}), y = main.b.tensor("y", DType::float32, {1});
  Node& loop = main.b.node(OpCode::WHILE, {x}, {y});
  loop.attributes.set("cond_subgraph_index", int64_t{1});
  loop.attributes.set("body_subgraph_index", int64_t{2});
  main.b.output(y);
  condition.input(DType::float32, {1});
  condition.b.output(condition.b.constant<uint8_t>("no", {1}, {0}));
  condition.graph.tensors.back().dtype = DType::boolean;
  const TensorId before = body.input(DType::float32, {1});
  body.b.output(body.node(OpCode::CONCATENATION, {before, before}, DType::float32, {2}));
  EXPECT_NE(error(m, {value<float>({1, 2}, {1, 2})}).find("after the first round"), std::string::npos);
}

// x < limit ? -x : x + x
Model negate_or_double() {
  Model m = of_graphs(3);
  Part main(m, 0), small(m, 1), large(m, 2);
  const TensorId condition = main.input(DType::boolean), x = main.input(DType::float32, {2});
  const TensorId y = main.b.tensor("y", DType::float32, {2});
  Node& choice = main.b.node(OpCode::IF, {condition, x}, {y});
  choice.attributes.set("then_subgraph_index", int64_t{1});
  choice.attributes.set("else_subgraph_index", int64_t{2});
  main.b.output(y);
  const TensorId a = small.input(DType::float32, {2});
  small.b.output(small.node(OpCode::NEG, {a}, DType::float32, {2}));
  const TensorId b = large.input(DType::float32, {2});
  large.b.output(large.node(OpCode::ADD, {b, b}, DType::float32, {2}));
  return m;
}

TEST(If, RunsOneOfTwo) {
  const Model m = negate_or_double();
  for (const uint8_t yes : {0, 1}) {
    Value condition = value<uint8_t>({}, {yes});
    condition.dtype = DType::boolean;
    const auto out = evaluate(m, std::vector<Value>{condition, value<float>({2}, {1, 5})});
    ASSERT_TRUE(out) << to_string(out.error());
    EXPECT_EQ(elements<float>((*out)[0]), yes != 0 ? (std::vector<float>{-1, -5}) : (std::vector<float>{2, 10}));
  }
}

TEST(If, SaysWhichTypeItsGraphGives) {
  Model m = negate_or_double();
  m.graphs[2].tensors.back().dtype = DType::int32;
  Value condition = value<uint8_t>({}, {1});
  condition.dtype = DType::boolean;
  EXPECT_NE(error(m, {condition, value<float>({2}, {1, 5})}).find("output 0 of subgraph 2 is int32"),
            std::string::npos);
}

TEST(StablehloComposite, RunsWhatItStandsFor) {
  Model m = of_graphs(2);
  Part main(m, 0), inner(m, 1);
  const TensorId x = main.input(DType::float32, {3}), y = main.b.tensor("y", DType::float32, {3});
  main.b.node(OpCode::STABLEHLO_COMPOSITE, {x}, {y}).attributes.set("decomposition_subgraph_index", int64_t{1});
  main.b.output(y);
  inner.b.output(inner.node(OpCode::NEG, {inner.input(DType::float32, {3})}, DType::float32, {3}));
  const auto out = evaluate(m, std::vector<Value>{value<float>({3}, {1, 2, 3})});
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(elements<float>((*out)[0]), (std::vector<float>{-1, -2, -3}));
}

}  // namespace
}  // namespace monolite::ops
