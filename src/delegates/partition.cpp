#include "delegates/partition.h"

#include <algorithm>
#include <set>

namespace monolite::delegates {
namespace {

bool has_side_effects(const Graph& graph, const Node& node) {
  if (node.op == OpCode::IF || node.op == OpCode::WHILE || node.op == OpCode::CALL_ONCE) return true;
  const auto is_resource = [&](TensorId id) { return id != kNoTensor && graph.tensor(id).dtype == DType::resource; };
  return std::any_of(node.inputs.begin(), node.inputs.end(), is_resource) ||
         std::any_of(node.outputs.begin(), node.outputs.end(), is_resource);
}

// Which nodes can be placed next, kept apart by kind: `ready[1]` are the delegate's.
class Schedule {
 public:
  Schedule(const GraphContext& graph, const std::vector<bool>& taken) : graph_(graph), taken_(taken) {
    const auto count = static_cast<size_t>(graph.node_count());
    waits_for_.resize(count);
    then_.assign(count, -1);
    is_made_.resize(graph.graph().tensors.size());
    int last_effect = -1;
    for (int i = 0; i < graph.node_count(); ++i) {
      const Node& node = graph.graph().nodes[static_cast<size_t>(i)];
      for (const TensorId id : node.inputs) {
        if (id != kNoTensor && graph.producer(id) >= 0) ++waits_for_[static_cast<size_t>(i)];
      }
      if (!has_side_effects(graph.graph(), node)) continue;
      if (last_effect >= 0) {
        then_[static_cast<size_t>(last_effect)] = i;
        ++waits_for_[static_cast<size_t>(i)];
      }
      last_effect = i;
    }
    for (int i = 0; i < graph.node_count(); ++i) {
      if (waits_for_[static_cast<size_t>(i)] == 0) ready(i).insert(i);
    }
  }

  bool is_done() const { return ready_[0].empty() && ready_[1].empty(); }

  Subset next_subset() {
    Subset subset;
    subset.is_delegated = ready_[0].empty() || (!ready_[1].empty() && *ready_[1].begin() < *ready_[0].begin());
    std::set<int>& mine = ready_[subset.is_delegated ? 1 : 0];
    int from = 0;  // a scan passes over the nodes in order, then starts again
    while (!mine.empty()) {
      auto next = mine.lower_bound(from);
      if (next == mine.end()) next = mine.begin();
      const int node = *next;
      mine.erase(next);
      subset.nodes.push_back(node);
      place(node);
      from = node + 1;
    }
    return subset;
  }

 private:
  std::set<int>& ready(int node) { return ready_[taken_[static_cast<size_t>(node)] ? 1 : 0]; }

  void place(int node) {
    for (const TensorId id : graph_.graph().nodes[static_cast<size_t>(node)].outputs) {
      if (id == kNoTensor || is_made_[static_cast<size_t>(id)]) continue;
      is_made_[static_cast<size_t>(id)] = true;
      for (const int reader : graph_.consumers(id)) release(reader);
    }
    if (then_[static_cast<size_t>(node)] >= 0) release(then_[static_cast<size_t>(node)]);
  }

  void release(int node) {
    if (--waits_for_[static_cast<size_t>(node)] == 0) ready(node).insert(node);
  }

  const GraphContext& graph_;
  const std::vector<bool>& taken_;
  std::vector<int> waits_for_;  // inputs not made yet, and the node with side effects before this one
  std::vector<int> then_;       // the next node with side effects
  std::vector<bool> is_made_;
  std::set<int> ready_[2];
};

void append_unreachable(const GraphContext& graph, std::vector<Subset>& subsets) {
  std::vector<bool> placed(static_cast<size_t>(graph.node_count()));
  for (const Subset& s : subsets) {
    for (const int i : s.nodes) placed[static_cast<size_t>(i)] = true;
  }
  Subset rest;
  for (int i = 0; i < graph.node_count(); ++i) {
    if (!placed[static_cast<size_t>(i)]) rest.nodes.push_back(i);
  }
  if (!rest.nodes.empty()) subsets.push_back(std::move(rest));
}

std::vector<Subset> cut_in_file_order(const std::vector<bool>& taken) {
  std::vector<Subset> subsets;
  for (size_t i = 0; i < taken.size(); ++i) {
    if (subsets.empty() || subsets.back().is_delegated != taken[i]) subsets.push_back({taken[i], {}});
    subsets.back().nodes.push_back(static_cast<int>(i));
  }
  return subsets;
}

}  // namespace

std::vector<Subset> partition(const GraphContext& graph, const std::vector<bool>& taken, Cut cut) {
  if (cut == Cut::in_file_order) return cut_in_file_order(taken);
  Schedule schedule(graph, taken);
  std::vector<Subset> subsets;
  while (!schedule.is_done()) subsets.push_back(schedule.next_subset());
  append_unreachable(graph, subsets);
  return subsets;
}

std::vector<Place> apply_limits(const GraphContext& graph, const std::vector<bool>& taken,
                                const PartitionLimits& limits, Cut cut) {
  std::vector<Subset> subsets = partition(graph, taken, cut);
  std::erase_if(subsets, [](const Subset& s) { return !s.is_delegated; });
  if (limits.keep == Keep::largest) {
    std::stable_sort(subsets.begin(), subsets.end(),
                     [](const Subset& a, const Subset& b) { return a.nodes.size() > b.nodes.size(); });
  }
  std::vector<Place> places(taken.size(), Place::cpu);
  int kept = 0;
  for (const Subset& s : subsets) {
    Place place = Place::delegate;
    if (static_cast<int>(s.nodes.size()) < limits.least_nodes) {
      place = Place::too_small;
    } else if (limits.most_partitions > 0 && kept == limits.most_partitions) {
      place = Place::too_many;
    } else {
      ++kept;
    }
    for (const int i : s.nodes) places[static_cast<size_t>(i)] = place;
  }
  return places;
}

}  // namespace monolite::delegates
