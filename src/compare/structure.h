#pragma once
// Which node of one graph is which of another, and what differs between them.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"

namespace monolite::compare {

// Pairs of node indices, rising in both: nodes of one name or one op that stand in the same order.
std::vector<std::pair<int, int>> align(const Graph& a, const Graph& b);

struct NodeChange {
  enum class Kind { added, removed, changed } kind = Kind::changed;
  int a = -1, b = -1;  // node indices
  std::string op, name;
  std::vector<std::string> what;  // changed: options, weights, quantization, shapes
};

struct Structure {
  int nodes_a = 0, nodes_b = 0, same_nodes = 0;
  int64_t weights_equal = 0, weights_different = 0;  // constants of aligned nodes
  std::vector<NodeChange> changes;
  bool is_same() const { return changes.empty(); }
};

// Compares the first graphs.
Structure compare_structure(const Model& a, const Model& b);

}  // namespace monolite::compare
