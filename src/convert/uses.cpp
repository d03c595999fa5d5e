#include "convert/uses.h"

namespace monolite::conversion {

Uses::Uses(const Graph& graph) : producers(graph.tensors.size(), -1), counts(graph.tensors.size(), 0) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const TensorId id : graph.nodes[i].outputs) producers[static_cast<size_t>(id)] = static_cast<int>(i);
    for (const TensorId id : graph.nodes[i].inputs) {
      if (id != kNoTensor) ++counts[static_cast<size_t>(id)];
    }
  }
  for (const TensorId id : graph.outputs) ++counts[static_cast<size_t>(id)];
}

void erase_nodes(Graph& graph, const std::vector<bool>& gone) {
  std::vector<Node> kept;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (i >= gone.size() || !gone[i]) kept.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(kept);
}

namespace {

// Which tensors the outputs depend on; nodes that write none of them go.
std::vector<bool> keep_needed(Graph& graph) {
  std::vector<bool> needed(graph.tensors.size());
  for (const TensorId id : graph.outputs) needed[static_cast<size_t>(id)] = true;
  std::vector<bool> gone(graph.nodes.size(), true);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    for (const TensorId id : graph.nodes[i].outputs) {
      if (needed[static_cast<size_t>(id)]) gone[i] = false;
    }
    if (gone[i]) continue;
    for (const TensorId id : graph.nodes[i].outputs) needed[static_cast<size_t>(id)] = true;
    for (const TensorId id : graph.nodes[i].inputs) {
      if (id != kNoTensor) needed[static_cast<size_t>(id)] = true;
    }
  }
  erase_nodes(graph, gone);
  return needed;
}

}  // namespace

void erase_unread(Graph& graph) { keep_needed(graph); }

void tidy(Graph& graph) {
  std::vector<bool> needed = keep_needed(graph);
  for (const TensorId id : graph.inputs) needed[static_cast<size_t>(id)] = true;
  std::vector<TensorId> renumbered(graph.tensors.size(), kNoTensor);
  std::vector<Tensor> kept;
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    if (!needed[i]) continue;
    renumbered[i] = static_cast<TensorId>(kept.size());
    kept.push_back(std::move(graph.tensors[i]));
  }
  graph.tensors = std::move(kept);
  const auto renumber = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids) {
      if (id != kNoTensor) id = renumbered[static_cast<size_t>(id)];
    }
  };
  for (Node& n : graph.nodes) {
    renumber(n.inputs);
    renumber(n.outputs);
  }
  renumber(graph.inputs);
  renumber(graph.outputs);
}

}  // namespace monolite::conversion
