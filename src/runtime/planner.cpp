#include "runtime/planner.h"

namespace monolite::runtime {

Planner::Planner(const Model& model, size_t graph, const ops::Inference& inference, Isa isa, int threads,
                 std::vector<int> piece_of_node)
    : model_(model),
      graph_(graph),
      inference_(inference),
      isa_(isa),
      threads_(threads),
      piece_of_node_(std::move(piece_of_node)) {
  const Graph& g = this->graph();
  planned_.resize(g.nodes.size());
  producer_.assign(g.tensors.size(), -1);
  readers_.resize(g.tensors.size());
  writers_.resize(g.tensors.size());
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    for (const TensorId id : g.nodes[i].outputs) {
      producer_[static_cast<size_t>(id)] = static_cast<int>(i);
      ++writers_[static_cast<size_t>(id)];
    }
    for (const TensorId id : g.nodes[i].inputs) {
      if (id != kNoTensor) ++readers_[static_cast<size_t>(id)];
    }
  }
  for (const TensorId id : g.outputs) ++readers_[static_cast<size_t>(id)];
}

bool Planner::is_known(TensorId id) const {
  return inference_.states[static_cast<size_t>(id)].data != nullptr && !graph().tensor(id).is_variable;
}

bool Planner::are_known(size_t i, int first) const {
  const auto& inputs = node(i).inputs;
  for (size_t k = static_cast<size_t>(first); k < inputs.size(); ++k) {
    if (inputs[k] != kNoTensor && !is_known(inputs[k])) return false;
  }
  return true;
}

std::optional<size_t> Planner::producer(TensorId id) const {
  const int node = producer_[static_cast<size_t>(id)];
  return node < 0 ? std::nullopt : std::optional(static_cast<size_t>(node));
}

std::optional<size_t> Planner::absorbable(size_t i, int k, OpCode op) const {
  const TensorId id = node(i).inputs[static_cast<size_t>(k)];
  if (id == kNoTensor || producer_[static_cast<size_t>(id)] < 0 || readers_[static_cast<size_t>(id)] != 1) return {};
  const auto p = static_cast<size_t>(producer_[static_cast<size_t>(id)]);
  if (node(p).op != op || planned_[p] || node(p).outputs.size() != 1 || is_known(id)) return {};
  if (!piece_of_node_.empty() && piece_of_node_[p] != piece_of_node_[i]) return {};
  return p;
}

}  // namespace monolite::runtime
