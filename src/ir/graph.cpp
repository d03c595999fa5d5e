#include "ir/graph.h"

#include <algorithm>

namespace monolite {

std::string op_name(const Node& node) { return node.op == OpCode::CUSTOM ? node.custom_code : name(node.op); }

TensorId Graph::add(Tensor tensor) {
  tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(tensors.size() - 1);
}

int Graph::producer(TensorId id) const {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (std::find(nodes[i].outputs.begin(), nodes[i].outputs.end(), id) != nodes[i].outputs.end()) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::vector<int> Graph::consumers(TensorId id) const {
  std::vector<int> found;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (std::find(nodes[i].inputs.begin(), nodes[i].inputs.end(), id) != nodes[i].inputs.end()) {
      found.push_back(static_cast<int>(i));
    }
  }
  return found;
}

bool Graph::is_output(TensorId id) const { return std::find(outputs.begin(), outputs.end(), id) != outputs.end(); }

bool Graph::is_input(TensorId id) const { return std::find(inputs.begin(), inputs.end(), id) != inputs.end(); }

void Graph::replace_uses(TensorId from, TensorId to) {
  for (Node& node : nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  std::replace(outputs.begin(), outputs.end(), from, to);
}

}  // namespace monolite
