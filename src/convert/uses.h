#pragma once
// Who writes and who reads each tensor, looked up once for a pass.

#include <vector>

#include "ir/graph.h"

namespace monolite::conversion {

struct Uses {
  explicit Uses(const Graph& graph);

  // The node that writes `id`, or -1. Passes keep it up to date where they hand an output to another node.
  int& producer(TensorId id) { return producers[static_cast<size_t>(id)]; }
  // How often nodes read it, plus one for each place among the graph's outputs.
  int readers(TensorId id) const { return counts[static_cast<size_t>(id)]; }

  std::vector<int> producers, counts;
};

// Takes out the nodes that are marked.
void erase_nodes(Graph& graph, const std::vector<bool>& gone);

// Takes out nodes that no output depends on. Tensors keep their numbers.
void erase_unread(Graph& graph);

// Takes out nodes that no output depends on and tensors that nothing names; renumbers the rest.
void tidy(Graph& graph);

}  // namespace monolite::conversion
