#include "ops/infer_shapes.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/limits.h"
#include "ops/op.h"
#include "ops/subgraph.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

// Is it a shape that memory has room for?
bool has_room(const Shape& shape, DType dtype) {
  const auto elements = shape.checked_elements();
  return elements && *elements <= kMostTensorBytes * 8 && bytes_of(shape, dtype) <= kMostTensorBytes;
}

Error unknown_op(const NodeView& n) {
  return n.fail("an operator that this program does not compute", "one of those in docs/ops.md",
                "`monolite inspect` and `monolite check` work all the same");
}

// A constant's bytes where they lie, or a copy where the file has them at an address that the type cannot be read from.
std::byte* aligned_constant(const Tensor& t, Inference& into) {
  const auto address = reinterpret_cast<uintptr_t>(t.data.data());
  const auto alignment = static_cast<uintptr_t>(std::max(1, std::min(8, size_bytes(t.dtype))));
  if (address % alignment == 0) return const_cast<std::byte*>(t.data.data());
  into.folded.push_back(std::make_unique_for_overwrite<std::byte[]>(t.data.size_bytes()));
  std::memcpy(into.folded.back().get(), t.data.data(), t.data.size_bytes());
  return into.folded.back().get();
}

bool inputs_have_shapes(const Node& node, const Inference& inference) {
  for (const TensorId id : node.inputs) {
    if (id != kNoTensor && !inference.states[static_cast<size_t>(id)].has_shape) return false;
  }
  return true;
}

bool inputs_have_values(const NodeView& n) {
  for (int i = 0; i < n.input_count(); ++i) {
    if (n.has_input(i) && (!n.has_value(i) || n.input(i).is_variable)) return false;
  }
  return true;
}

// Computes a small node ahead, so that what follows can use its values. SHAPE and RANK need no values themselves.
void fold(const Model& model, size_t graph, size_t node, Inference& inference) {
  const NodeView view(model, graph, node, inference.states);
  const Node& n = view.node();
  if (!callees(n).empty()) return;  // a loop may take its time
  const bool needs_no_values = n.op == OpCode::SHAPE || n.op == OpCode::RANK;
  if (!needs_no_values && !inputs_have_values(view)) return;
  for (int i = 0; i < view.output_count(); ++i) {
    if (view.output_shape(i).elements() > kMostFoldedElements || view.output(i).is_variable) return;
  }
  for (int i = 0; i < view.input_count(); ++i) {
    if (!needs_no_values && view.has_input(i) && view.shape(i).elements() > kMostFoldedElements) return;
  }
  for (const TensorId id : n.outputs) {
    TensorState& s = inference.states[static_cast<size_t>(id)];
    inference.folded.push_back(std::make_unique<std::byte[]>(
        static_cast<size_t>(bytes_of(s.shape, model.graphs[graph].tensor(id).dtype)) + 1));
    s.data = inference.folded.back().get();
  }
  if (const auto done = compute(Evaluation(model, graph, node, inference.states)); !done) {
    for (const TensorId id : n.outputs) inference.states[static_cast<size_t>(id)].data = nullptr;
    inference.node_errors[node] = done.error();
  }
}

// A node writes tensors that nothing else gives a value: no constant, no variable, no input of its own or of the graph.
Expected<void> check_outputs(const NodeView& n) {
  const Node& node = n.node();
  for (int i = 0; i < n.output_count(); ++i) {
    const TensorId id = node.outputs[static_cast<size_t>(i)];
    const bool twice = std::count(node.outputs.begin(), node.outputs.end(), id) > 1;
    const bool own_input = std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end();
    if (twice || own_input || n.output(i).is_constant() || n.output(i).is_variable || n.graph().is_input(id)) {
      return Unexpected(n.fail_output(i, "a tensor that has its value from elsewhere", "one that only this node writes",
                                      "the file was cut, edited or damaged; convert it again"));
    }
  }
  return {};
}

// Kernels but DENSIFY's read constants densely; a packed one is shorter than its shape says.
Expected<void> check_inputs(const NodeView& n) {
  for (int i = 0; i < n.input_count(); ++i) {
    if (!n.has_input(i) || n.input(i).sparsity == nullptr || n.node().op == OpCode::DENSIFY) continue;
    return Unexpected(n.fail_input(i, "a sparse constant", "a dense one", "convert the model without sparsity"));
  }
  return {};
}

}  // namespace

Expected<Shapes> infer_node(const NodeView& n) {
  const OpDef* op = find_op(n.node());
  if (op == nullptr) return Unexpected(unknown_op(n));
  ML_TRY(check_inputs(n));
  ML_TRY(check_outputs(n));
  ML_TRY(op->verify(n));
  ML_ASSIGN(Shapes shapes, op->infer(n));
  if (static_cast<int>(shapes.size()) != n.output_count()) {
    return Unexpected(n.fail(fmt::format("{} outputs", n.output_count()), fmt::format("{}", shapes.size())));
  }
  for (int i = 0; i < n.output_count(); ++i) {
    const Shape& s = shapes[static_cast<size_t>(i)];
    if (!s.is_valid()) return Unexpected(n.fail_output(i, "shape " + to_string(s), "extents of 0 or more"));
    if (!has_room(s, n.output_dtype(i))) {
      return Unexpected(
          n.fail_output(i, "shape " + to_string(s), "at most 2 GiB in one tensor", "use a smaller input"));
    }
  }
  return shapes;
}

Expected<void> Inference::result() const {
  for (const auto& error : node_errors) {
    if (error) return Unexpected(*error);
  }
  return {};
}

Inference infer_shapes(const Model& model, size_t graph, const std::map<TensorId, Shape>& input_shapes) {
  const Graph& g = model.graphs[graph];
  Inference inference;
  inference.states.resize(g.tensors.size());
  inference.node_errors.resize(g.nodes.size());
  std::vector<bool> is_computed(g.tensors.size());
  for (const Node& node : g.nodes) {
    for (const TensorId id : node.outputs) is_computed[static_cast<size_t>(id)] = true;
  }
  for (size_t i = 0; i < g.tensors.size(); ++i) {
    const Tensor& t = g.tensors[i];
    if (!t.is_constant() && !t.is_variable && is_computed[i]) continue;
    const auto given = input_shapes.find(static_cast<TensorId>(i));
    TensorState& s = inference.states[i];
    s.shape = given != input_shapes.end() ? given->second : t.shape;
    s.has_shape = s.shape.is_valid() && has_room(s.shape, t.dtype);
    if (t.is_constant()) s.data = aligned_constant(t, inference);
  }
  if (auto calls = check_calls(model, graph); !calls) {
    for (auto& error : inference.node_errors) error = calls.error();
    return inference;
  }
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    if (!inputs_have_shapes(g.nodes[i], inference)) continue;
    auto shapes = infer_node(NodeView(model, graph, i, inference.states));
    if (!shapes) {
      if (shapes.error().kind != ErrorKind::not_constant) inference.node_errors[i] = std::move(shapes).error();
      continue;
    }
    for (size_t k = 0; k < g.nodes[i].outputs.size(); ++k) {
      TensorState& s = inference.states[static_cast<size_t>(g.nodes[i].outputs[k])];
      s.shape = std::move((*shapes)[k]);
      s.has_shape = true;
    }
    fold(model, graph, i, inference);
  }
  return inference;
}

Expected<void> still_infers(const Model& original, const Model& changed) {
  auto inferred = infer_shapes(changed).result();
  if (inferred || !infer_shapes(original).result()) return {};
  Error error = std::move(inferred).error();
  error.mend =
      "this model cannot be changed in that way: leave the node out (`monolite edit` cuts), or start from the "
      "float model";
  return Unexpected(std::move(error));
}

}  // namespace monolite::ops
