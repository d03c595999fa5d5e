#pragma once
// What a delegate stands for: which nodes it takes, and how the taken ones become partitions.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "delegates/rules.h"

namespace monolite::delegates {

// Which partitions stay when there are more than the target makes.
enum class Keep {
  largest,  // by nodes; of equals the earlier
  first,    // a compiler that stops at the first operator it cannot map
};

// How the graph is cut into pieces.
enum class Cut {
  greedy,         // TensorFlow Lite: nodes move ahead of refused ones that they don't depend on
  in_file_order,  // LiteRT's compiler plugins: a piece ends at the next node of the other kind in the file
};

struct PartitionLimits {
  int most_partitions = 0;  // 0: no limit
  int least_nodes = 1;      // smaller partitions go back to the CPU
  Keep keep = Keep::largest;
};

// The refusals of every node, in the nodes' order; a node without any is taken.
using Judgement = std::vector<std::vector<Refusal>>;

struct Target {
  std::string name;         // as --target names it: "nnapi-29"
  std::string description;  // a line for people
  Shapes shapes = Shapes::propagated;
  PartitionLimits limits;
  Cut cut = Cut::greedy;
  // A DEQUANTIZE of constant float16 weights goes along when everything else is taken.
  bool folds_float16 = false;
  // A graph with a tensor whose shape is only known while it runs is refused as a whole.
  bool refuses_dynamic_shapes = false;
  // A driver or a closed compiler has the last word: check can only say "at best".
  bool at_best = false;
  // Why this target refuses a node; nothing where it takes it.
  std::function<std::vector<Refusal>(const NodeContext&)> judge;
  // What only the graph as a whole decides; may add and clear refusals. Optional.
  std::function<void(const GraphContext&, Judgement&)> judge_graph;
  // Runs on the CPU itself: nothing is copied at a border.
  bool is_cpu = false;
  // What of a node that is taken will be slow, or go wrong later; "" for nothing. Optional.
  std::function<std::string(const NodeContext&)> remark;
};

// All targets, in the order of the command line's table.
std::span<const Target> all_targets();

// The target of that name; "nnapi" is nnapi-29-cpu.
//
// Errors: usage, with the nearest name offered.
Expected<const Target*> find_target(std::string_view name);

// The refusals of every node: judge, then judge_graph and the rules that Target's fields switch on.
Judgement judge(const GraphContext& graph, const Target& target);

}  // namespace monolite::delegates
