#include "ops/subgraph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ops/infer_shapes.h"
#include "ops/limits.h"

namespace monolite::ops {
namespace {

int64_t attribute(const Node& node, std::string_view name) {
  const AttributeValue* value = node.attributes.find(name);
  const auto* number = value == nullptr ? nullptr : std::get_if<int64_t>(value);
  return number == nullptr ? 0 : *number;
}

// How many nodes run when graph `index` runs once; more than kMostCalledNodes where it never ends.
class Calls {
 public:
  explicit Calls(const Model& model) : model_(model), counts_(model.graphs.size()) {}

  int64_t of(int64_t index) {
    if (index < 0 || index >= static_cast<int64_t>(counts_.size())) return 0;  // an error elsewhere
    int64_t& count = counts_[static_cast<size_t>(index)];
    if (count != 0) return count;
    count = kMostCalledNodes + 1;  // what comes back here does not end
    int64_t all = 1;
    for (const Node& node : model_.graphs[static_cast<size_t>(index)].nodes) {
      const std::vector<int64_t> called = callees(node);
      for (const int64_t callee : called) all += of(callee);
      all = std::min(all + 1, kMostCalledNodes + 1);
    }
    return counts_[static_cast<size_t>(index)] = all;
  }

 private:
  const Model& model_;
  std::vector<int64_t> counts_;
};

const Graph& graph_at(const NodeView& n, int64_t index) { return n.model().graphs[static_cast<size_t>(index)]; }

}  // namespace

std::vector<int64_t> callees(const Node& node) {
  switch (node.op) {
    case OpCode::IF:
      return {attribute(node, "then_subgraph_index"), attribute(node, "else_subgraph_index")};
    case OpCode::WHILE:
      return {attribute(node, "cond_subgraph_index"), attribute(node, "body_subgraph_index")};
    case OpCode::STABLEHLO_COMPOSITE:
      return {attribute(node, "decomposition_subgraph_index")};
    default:
      return {};
  }
}

Expected<void> verify_callees(const NodeView& n) {
  Calls calls(n.model());
  for (const int64_t index : callees(n.node())) {
    if (index < 0 || index >= static_cast<int64_t>(n.model().graphs.size())) {
      return Unexpected(n.fail(fmt::format("a call of subgraph {}", index),
                               fmt::format("one of the model's {}", n.model().graphs.size()),
                               "the file was cut, edited or damaged; convert it again"));
    }
    if (calls.of(index) > kMostCalledNodes) {
      return Unexpected(n.fail(fmt::format("subgraph {} calls itself, or others too often", index),
                               fmt::format("at most {} nodes in all that it runs", kMostCalledNodes),
                               "the file was cut, edited or damaged; convert it again"));
    }
  }
  return {};
}

Expected<void> check_calls(const Model& model, size_t graph) {
  const Graph& g = model.graphs[graph];
  Calls calls(model);
  int64_t all = 0;
  for (const Node& node : g.nodes) {
    for (const int64_t callee : callees(node)) all = std::min(all + calls.of(callee), kMostCalledNodes + 1);
  }
  if (all <= kMostCalledNodes) return {};
  return Unexpected(input_error(fmt::format("subgraph {}", graph), "a graph that calls itself, or others too often",
                                fmt::format("at most {} nodes in all that it runs", kMostCalledNodes),
                                "the file was cut, edited or damaged; convert it again"));
}

Expected<void> expect_signature(const NodeView& n, int64_t index, int first_input, const std::vector<DType>& outputs) {
  const Graph& g = graph_at(n, index);
  const auto inputs = static_cast<size_t>(n.input_count() - first_input);
  if (g.inputs.size() != inputs || g.outputs.size() != outputs.size()) {
    return Unexpected(
        n.fail(fmt::format("subgraph {} of {} inputs and {} outputs", index, g.inputs.size(), g.outputs.size()),
               fmt::format("{} and {}", inputs, outputs.size())));
  }
  for (size_t i = 0; i < inputs; ++i) {
    const int own = first_input + static_cast<int>(i);
    if (!n.has_input(own)) return Unexpected(n.fail(fmt::format("input {} is left out", own), "all inputs"));
    if (size_bytes(n.dtype(own)) == 0) {
      return Unexpected(n.fail_input(own, std::string(name(n.dtype(own))), "elements of 1, 2, 4 or 8 bytes"));
    }
    ML_TRY(n.expect_dtype(own, {g.tensor(g.inputs[i]).dtype}));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const DType given = g.tensor(g.outputs[i]).dtype;
    if (given == outputs[i]) continue;
    return Unexpected(
        n.fail(fmt::format("output {} of subgraph {} is {}", i, index, name(given)), std::string(name(outputs[i]))));
  }
  return {};
}

std::vector<DType> output_types(const NodeView& n) {
  std::vector<DType> types;
  for (int i = 0; i < n.output_count(); ++i) types.push_back(n.output_dtype(i));
  return types;
}

Expected<std::vector<std::optional<Shape>>> infer_callee(const NodeView& n, int64_t index, int first_input) {
  const Graph& g = graph_at(n, index);
  std::map<TensorId, Shape> inputs;
  for (size_t i = 0; i < g.inputs.size(); ++i) inputs[g.inputs[i]] = n.shape(first_input + static_cast<int>(i));
  const Inference inference = infer_shapes(n.model(), static_cast<size_t>(index), inputs);
  ML_TRY(inference.result());
  std::vector<std::optional<Shape>> shapes;
  for (const TensorId id : g.outputs) {
    const TensorState& state = inference.states[static_cast<size_t>(id)];
    shapes.push_back(state.has_shape ? std::optional(state.shape) : std::nullopt);
  }
  return shapes;
}

Expected<Shapes> all_known(const NodeView& n, const std::vector<std::optional<Shape>>& shapes) {
  Shapes known;
  for (const auto& shape : shapes) {
    if (!shape) {
      Error e = n.fail("shapes that follow from values in the graph that it runs", "shapes that follow from shapes");
      e.kind = ErrorKind::not_constant;
      return Unexpected(std::move(e));
    }
    known.push_back(*shape);
  }
  return known;
}

std::vector<Value> input_values(const Evaluation& n, int first) {
  std::vector<Value> values;
  for (int i = first; i < n.input_count(); ++i) {
    const auto bytes = static_cast<size_t>(n.shape(i).elements() * size_bytes(n.dtype(i)));
    values.push_back({n.dtype(i), n.shape(i), Buffer(nullptr, {n.data<std::byte>(i), bytes})});
  }
  return values;
}

Expected<void> write_outputs(const Evaluation& n, const std::vector<Value>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const int k = static_cast<int>(i);
    const Shape &given = values[i].shape, &room = n.output_shape(k);
    if (given != room && !(given.elements() == 1 && room.elements() == 1)) {
      return Unexpected(n.fail_output(k, "shape " + to_string(given), to_string(room) + ", as at its start",
                                      "shapes that change while a loop runs are not computed"));
    }
    if (!values[i].data.empty()) std::memcpy(n.out<std::byte>(k), values[i].data.data(), values[i].data.size_bytes());
  }
  return {};
}

Evaluator callee(const Evaluation& n, int64_t index, WorkMeter& own) {
  EvaluateOptions options;
  options.graph = static_cast<size_t>(index);
  options.meter = n.meter() != nullptr ? n.meter() : &own;
  return Evaluator(n.model(), std::move(options));
}

}  // namespace monolite::ops
