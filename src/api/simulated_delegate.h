#pragma once
// A run as a target would cut it: its partitions, and between them, node by node, what stays on the CPU.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "delegates/check.h"
#include "monolite/bench.h"

namespace monolite {

struct SimulatedDelegate {
  std::string target;                        // "nnapi-29-cpu"
  std::string node_type;                     // what benchmark_model calls a partition: "TfLiteNnapiDelegate"
  std::vector<delegates::Segment> segments;  // in run order
  // The segments as a session is given them: a partition is one piece, a node on the CPU is one, as it is there.
  std::vector<std::vector<size_t>> pieces;
};

// `input_shapes`: instead of the file's.
//
// Errors: there is no such target.
Expected<SimulatedDelegate> simulate_delegate(const Model& model, const std::map<TensorId, Shape>& input_shapes,
                                              const std::string& target, std::optional<int> most_partitions);

// A row a piece, from the times of the session's steps. Partitions are named by their outputs and numbered on behind
// the graph's nodes, as benchmark_model has it.
std::vector<OpTiming> rows_of(const SimulatedDelegate& simulated, const Graph& graph,
                              const std::vector<OpTiming>& steps);

// The segments with the sums of their rows' times.
std::vector<BenchSegment> segments_of(const SimulatedDelegate& simulated, const std::vector<OpTiming>& rows);

}  // namespace monolite
