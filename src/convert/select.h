#pragma once
// The part of a TensorFlow graph that lies between given inputs and outputs, in the order in which it runs.

#include <string>
#include <unordered_map>
#include <vector>

#include "base/expected.h"
#include "tensorflow/graph.h"

namespace monolite::conversion {

struct Selection {
  std::vector<const tensorflow::Node*> nodes;  // each after all it reads; inputs of the cut are not among them
  std::vector<tensorflow::TensorName> inputs, outputs;
};

// Node names to nodes.
//
// Errors: a name that two nodes have; a node without one.
class NodeIndex {
 public:
  static Expected<NodeIndex> of(const tensorflow::Graph& graph);
  const tensorflow::Node* find(const std::string& name) const;
  // The node of that name.
  //
  // Errors: there is none; the nearest name is offered.
  Expected<const tensorflow::Node*> get(const std::string& name, const std::string& what) const;

 private:
  std::string ends() const;
  std::unordered_map<std::string, const tensorflow::Node*> by_name_;
};

// Walks from `outputs` back to `inputs`; what only gives order (control inputs) is left out.
//
// Errors: a name that does not exist, a cycle, an input that the outputs do not depend on.
Expected<Selection> select(const NodeIndex& index, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs);

// Nodes that nothing reads: the ends of the whole graph, for users who name none.
std::vector<std::string> leaves(const tensorflow::Graph& graph);

}  // namespace monolite::conversion
