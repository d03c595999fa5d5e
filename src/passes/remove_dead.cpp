#include "passes/remove_dead.h"

#include <algorithm>
#include <vector>

#include "ops/op.h"

namespace monolite::passes {
namespace {

bool has_effects(const Graph& graph, const Node& node) {
  switch (node.op) {
    case OpCode::IF:
    case OpCode::WHILE:
    case OpCode::CALL:
    case OpCode::CALL_ONCE:
    case OpCode::ASSIGN_VARIABLE:
      return true;
    case OpCode::CUSTOM:
      return ops::find_op(node) == nullptr;
    default:
      break;
  }
  const auto touches_variable = [&](TensorId id) { return id != kNoTensor && graph.tensor(id).is_variable; };
  return !is_known(node.op) || std::any_of(node.inputs.begin(), node.inputs.end(), touches_variable) ||
         std::any_of(node.outputs.begin(), node.outputs.end(), touches_variable);
}

class Marks {
 public:
  explicit Marks(size_t count) : is_set_(count) {}
  void set(TensorId id) {
    if (id != kNoTensor) is_set_[static_cast<size_t>(id)] = true;
  }
  void set_all(const std::vector<TensorId>& ids) {
    for (const TensorId id : ids) set(id);
  }
  bool has(TensorId id) const { return id != kNoTensor && is_set_[static_cast<size_t>(id)]; }

 private:
  std::vector<bool> is_set_;
};

bool names_tensors_by_index(const Tensor& t) {
  using Details = Quantization::Details;
  return t.quantization.details == Details::blockwise || t.quantization.details == Details::multi_axis;
}

void mark_signatures(const Model& model, size_t graph, Marks& used) {
  for (const Signature& s : model.signatures) {
    if (s.graph != graph) continue;
    for (const auto& [name, id] : s.inputs) used.set(id);
    for (const auto& [name, id] : s.outputs) used.set(id);
  }
}

}  // namespace

int remove_dead_nodes(Model& model, size_t graph) {
  Graph& g = model.graphs[graph];
  Marks used(g.tensors.size());
  used.set_all(g.outputs);
  mark_signatures(model, graph, used);
  std::vector<Node> living;
  for (auto node = g.nodes.rbegin(); node != g.nodes.rend(); ++node) {
    const bool is_read =
        std::any_of(node->outputs.begin(), node->outputs.end(), [&](TensorId id) { return used.has(id); });
    if (!is_read && !has_effects(g, *node)) continue;
    used.set_all(node->inputs);
    living.push_back(std::move(*node));
  }
  const auto removed = static_cast<int>(g.nodes.size() - living.size());
  std::reverse(living.begin(), living.end());
  g.nodes = std::move(living);
  return removed;
}

int remove_unused_tensors(Model& model, size_t graph) {
  Graph& g = model.graphs[graph];
  if (std::any_of(g.tensors.begin(), g.tensors.end(), names_tensors_by_index)) return 0;
  Marks used(g.tensors.size());
  used.set_all(g.inputs);
  used.set_all(g.outputs);
  mark_signatures(model, graph, used);
  for (const Node& node : g.nodes) {
    used.set_all(node.inputs);
    used.set_all(node.outputs);
    used.set_all(node.intermediates);
  }
  std::vector<TensorId> moved(g.tensors.size(), kNoTensor);
  std::vector<Tensor> kept;
  for (size_t i = 0; i < g.tensors.size(); ++i) {
    if (!used.has(static_cast<TensorId>(i))) continue;
    moved[i] = static_cast<TensorId>(kept.size());
    kept.push_back(std::move(g.tensors[i]));
  }
  const auto removed = static_cast<int>(g.tensors.size() - kept.size());
  g.tensors = std::move(kept);
  const auto renumber = [&](TensorId& id) {
    if (id != kNoTensor) id = moved[static_cast<size_t>(id)];
  };
  const auto renumber_all = [&](std::vector<TensorId>& ids) { std::for_each(ids.begin(), ids.end(), renumber); };
  renumber_all(g.inputs);
  renumber_all(g.outputs);
  for (Node& node : g.nodes) {
    renumber_all(node.inputs);
    renumber_all(node.outputs);
    renumber_all(node.intermediates);
  }
  for (Signature& s : model.signatures) {
    if (s.graph != graph) continue;
    for (auto& [name, id] : s.inputs) renumber(id);
    for (auto& [name, id] : s.outputs) renumber(id);
  }
  return removed;
}

}  // namespace monolite::passes
