#include "api/simulated_delegate.h"

#include <algorithm>

#include "base/text.h"

namespace monolite {
namespace {

// What the op profile calls a partition of each kind of target, by the beginning of the target's name.
constexpr struct {
  const char *target, *node_type;
} kNodeTypes[] = {
    {"nnapi", "TfLiteNnapiDelegate"},
    {"xnnpack", "TfLiteXNNPackDelegate"},
    {"gpu", "TfLiteGpuDelegateV2"},
    {"hexagon", "TfLiteHexagonDelegate"},
    {"coreml", "TfLiteCoreMlDelegate"},
    {"edgetpu", "edgetpu-custom-op"},
    {"ethos", "ethos-u"},
    {"vx", "VxDelegate"},
    {"openvino", "DISPATCH_OP"},
};

std::string node_type(const std::string& target) {
  for (const auto& t : kNodeTypes) {
    if (target.rfind(t.target, 0) == 0) return t.node_type;
  }
  return target;
}

std::string name_of(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::string text;
  for (const TensorId id : tensors) text += (text.empty() ? "" : ", ") + printable(graph.tensor(id).name);
  return text;
}

OpTiming partition_row(const SimulatedDelegate& simulated, const Graph& graph, const delegates::Segment& s, int index) {
  OpTiming row;
  row.index = index;
  row.is_partition = true;
  row.nodes = s.nodes;
  row.op = simulated.node_type;
  std::vector<TensorId> outputs = s.outputs;
  std::sort(outputs.begin(), outputs.end());
  row.name = name_of(graph, outputs);
  return row;
}

OpTiming node_row(const Graph& graph, int node) {
  const Node& n = graph.nodes[static_cast<size_t>(node)];
  OpTiming row;
  row.index = node;
  row.nodes = {node};
  row.op = printable(op_name(n));
  if (!n.outputs.empty() && n.outputs[0] != kNoTensor) row.name = printable(graph.tensor(n.outputs[0]).name);
  return row;
}

}  // namespace

Expected<SimulatedDelegate> simulate_delegate(const Model& model, const std::map<TensorId, Shape>& input_shapes,
                                              const std::string& target, std::optional<int> most_partitions) {
  ML_ASSIGN(const delegates::Target* found, delegates::find_target(target));
  Model resized = model;
  for (const auto& [id, shape] : input_shapes) resized.main().tensor(id).shape = shape;
  const delegates::GraphContext graph(resized);
  SimulatedDelegate simulated;
  simulated.target = found->name;
  simulated.node_type = node_type(found->name);
  simulated.segments = delegates::check(graph, *found, {.most_partitions = most_partitions}).segments;
  for (const auto& s : simulated.segments) {
    if (s.is_delegated) {
      simulated.pieces.emplace_back(s.nodes.begin(), s.nodes.end());
    } else {
      for (const int node : s.nodes) simulated.pieces.push_back({static_cast<size_t>(node)});
    }
  }
  return simulated;
}

std::vector<OpTiming> rows_of(const SimulatedDelegate& simulated, const Graph& graph,
                              const std::vector<OpTiming>& steps) {
  std::vector<OpTiming> rows;
  int next = static_cast<int>(graph.nodes.size());
  for (const auto& s : simulated.segments) {
    if (s.is_delegated) {
      rows.push_back(partition_row(simulated, graph, s, next++));
    } else {
      for (const int node : s.nodes) rows.push_back(node_row(graph, node));
    }
  }
  std::vector<size_t> row_of_node(graph.nodes.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    for (const int node : rows[r].nodes) row_of_node[static_cast<size_t>(node)] = r;
  }
  for (const OpTiming& step : steps) {
    OpTiming& row = rows[row_of_node[static_cast<size_t>(step.nodes.front())]];
    row.first_ms += step.first_ms;
    row.avg_ms += step.avg_ms;
    row.times_called = std::max(row.times_called, step.times_called);
    if (!row.is_partition) row.kernel = step.kernel;
  }
  return rows;
}

std::vector<BenchSegment> segments_of(const SimulatedDelegate& simulated, const std::vector<OpTiming>& rows) {
  std::vector<BenchSegment> segments;
  size_t r = 0;
  for (const auto& s : simulated.segments) {
    BenchSegment segment{.kind = s.is_delegated ? "delegate" : "cpu", .nodes = s.nodes};
    const size_t count = s.is_delegated ? 1 : s.nodes.size();
    for (size_t i = 0; i < count; ++i) segment.avg_ms += rows[r++].avg_ms;
    segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace monolite
