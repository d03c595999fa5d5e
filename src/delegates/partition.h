#pragma once
// Cuts a graph into pieces that run on the delegate and pieces that stay on the CPU, as TensorFlow Lite does.

#include <vector>

#include "delegates/graph_context.h"
#include "delegates/target.h"

namespace monolite::delegates {

struct Subset {
  bool is_delegated = false;
  std::vector<int> nodes;  // in the order in which they run
};

// The pieces in the order in which they run. `taken` says of each node whether the delegate has it.
//
// Cut::greedy: a piece begins with the first node in the graph's order whose inputs are ready, and takes in every node
// of the same kind that is ready or becomes so meanwhile, wherever it stands: nodes move ahead of refused ones that
// they don't depend on. Nodes with side effects (control flow, resources) keep their order. Nodes that can never run (a
// graph with a cycle) make a last piece on the CPU.
std::vector<Subset> partition(const GraphContext& graph, const std::vector<bool>& taken, Cut cut = Cut::greedy);

// What becomes of a node that the target takes by itself: partitions may be too small, or too many.
enum class Place { cpu, delegate, too_small, too_many };

std::vector<Place> apply_limits(const GraphContext& graph, const std::vector<bool>& taken,
                                const PartitionLimits& limits, Cut cut = Cut::greedy);

}  // namespace monolite::delegates
