#pragma once
// Which nodes of a model a target takes, which it leaves to the CPU and why, and what crosses between the pieces.

#include <optional>
#include <string>
#include <vector>

#include "delegates/graph_context.h"
#include "delegates/target.h"

namespace monolite::delegates {

struct Segment {
  bool is_delegated = false;
  std::vector<int> nodes;  // in the order in which they run
  int64_t macs = 0;
  // Tensors that come in from other pieces or the caller (constants don't count), and those that others read.
  std::vector<TensorId> inputs, outputs;
  int64_t bytes_in = 0, bytes_out = 0;
};

struct CpuNode {
  int index = 0;
  std::vector<Refusal> reasons;  // at least one
};

struct Verdict {
  std::string target;
  int partitions = 0;  // delegated segments
  int delegated_nodes = 0, nodes = 0;
  int64_t delegated_macs = 0, macs = 0;
  std::vector<Segment> segments;
  std::vector<CpuNode> cpu_nodes;     // in the nodes' order
  std::vector<std::string> warnings;  // taken, but slow there; where a driver has the last word
  bool only_border_casts = false;     // every CPU node is a CAST of the model's input or output

  // One partition, and nothing left to the CPU.
  bool fully_delegated() const { return partitions == 1 && cpu_nodes.empty(); }
};

struct CheckOptions {
  std::optional<int> most_partitions;  // instead of the target's own limit; 0: none
};

Verdict check(const GraphContext& graph, const Target& target, const CheckOptions& options = {});
Verdict check(const Model& model, const Target& target, const CheckOptions& options = {});

}  // namespace monolite::delegates
