#include "delegates/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "delegates/partition.h"
#include "delegates/warnings.h"

namespace monolite::delegates {
namespace {

Refusal beyond_limits(Place place, const PartitionLimits& limits) {
  if (place == Place::too_small) {
    return {"partition_size",
            fmt::format("taken by itself, but its partition would have fewer than {} nodes", limits.least_nodes),
            "mend the refused nodes beside it"};
  }
  if (limits.keep == Keep::first) {
    return {"one_subgraph",
            "taken by itself, but the compiler maps one part only: what comes before the first refused node",
            "mend the first refused node"};
  }
  return {"partition_limit",
          fmt::format("taken by itself, but only the {} largest partition{} made", limits.most_partitions,
                      limits.most_partitions == 1 ? " is" : "s are"),
          "mend refused nodes so that fewer partitions are left, or raise --max_delegated_partitions"};
}

void append_once(std::vector<TensorId>& list, std::vector<int>& seen, int mark, TensorId id) {
  if (seen[static_cast<size_t>(id)] == mark) return;
  seen[static_cast<size_t>(id)] = mark;
  list.push_back(id);
}

// What crosses the segments' borders.
void find_borders(const GraphContext& graph, std::vector<Segment>& segments) {
  std::vector<int> segment_of(static_cast<size_t>(graph.node_count()));
  for (size_t s = 0; s < segments.size(); ++s) {
    for (const int i : segments[s].nodes) segment_of[static_cast<size_t>(i)] = static_cast<int>(s);
  }
  std::vector<int> seen_in(graph.graph().tensors.size(), -1), seen_out = seen_in;
  for (size_t k = 0; k < segments.size(); ++k) {
    Segment& s = segments[k];
    const int mark = static_cast<int>(k);
    for (const int i : s.nodes) {
      const Node& node = graph.graph().nodes[static_cast<size_t>(i)];
      for (const TensorId id : node.inputs) {
        if (id == kNoTensor || graph.graph().tensor(id).is_constant()) continue;
        const int maker = graph.producer(id);
        if (maker < 0 || segment_of[static_cast<size_t>(maker)] != mark) append_once(s.inputs, seen_in, mark, id);
      }
      for (const TensorId id : node.outputs) {
        if (id == kNoTensor) continue;
        const auto& readers = graph.consumers(id);
        const bool leaves = graph.is_output(id) || std::any_of(readers.begin(), readers.end(), [&](int reader) {
                              return segment_of[static_cast<size_t>(reader)] != mark;
                            });
        if (leaves) append_once(s.outputs, seen_out, mark, id);
      }
    }
    for (const TensorId id : s.inputs) s.bytes_in += graph.size_bytes(id);
    for (const TensorId id : s.outputs) s.bytes_out += graph.size_bytes(id);
  }
}

bool is_border_cast(const GraphContext& graph, int index) {
  const Node& node = graph.graph().nodes[static_cast<size_t>(index)];
  if (node.op != OpCode::CAST || node.inputs.size() != 1 || node.outputs.size() != 1) return false;
  return graph.is_input(node.inputs[0]) || graph.is_output(node.outputs[0]);
}

}  // namespace

Verdict check(const GraphContext& graph, const Target& target, const CheckOptions& options) {
  Judgement judgement = judge(graph, target);
  std::vector<bool> taken(judgement.size());
  for (size_t i = 0; i < judgement.size(); ++i) taken[i] = judgement[i].empty();
  PartitionLimits limits = target.limits;
  if (options.most_partitions) limits.most_partitions = *options.most_partitions;
  const std::vector<Place> places = apply_limits(graph, taken, limits, target.cut);
  for (size_t i = 0; i < places.size(); ++i) taken[i] = places[i] == Place::delegate;

  Verdict v;
  v.target = target.name;
  v.nodes = graph.node_count();
  v.only_border_casts = true;
  for (int i = 0; i < graph.node_count(); ++i) {
    v.macs += graph.macs(i);
    if (taken[static_cast<size_t>(i)]) continue;
    auto& reasons = judgement[static_cast<size_t>(i)];
    if (reasons.empty()) reasons.push_back(beyond_limits(places[static_cast<size_t>(i)], limits));
    v.cpu_nodes.push_back({i, std::move(reasons)});
    v.only_border_casts = v.only_border_casts && is_border_cast(graph, i);
  }
  for (Subset& s : partition(graph, taken, target.cut)) {
    Segment segment{.is_delegated = s.is_delegated, .nodes = std::move(s.nodes)};
    for (const int i : segment.nodes) segment.macs += graph.macs(i);
    if (segment.is_delegated) {
      ++v.partitions;
      v.delegated_nodes += static_cast<int>(segment.nodes.size());
      v.delegated_macs += segment.macs;
    }
    v.segments.push_back(std::move(segment));
  }
  find_borders(graph, v.segments);
  v.warnings = warnings(graph, target, v);
  return v;
}

Verdict check(const Model& model, const Target& target, const CheckOptions& options) {
  return check(GraphContext(model), target, options);
}

}  // namespace monolite::delegates
