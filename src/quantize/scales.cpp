#include "quantize/scales.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace monolite::quantize {
namespace {

constexpr size_t kNamed = 8;  // tensors named in an error
// An input whose own range is this share of its output's may as well have the output's scale.
constexpr double kNearlyAll = 0.95;

class Chooser {
 public:
  Chooser(const Graph& graph, const std::vector<OpRule>& rules, const Ranges& ranges, IntegerType type)
      : g_(graph), rules_(rules), type_(type), parents_(graph.tensors.size()), touched_(graph.tensors.size()) {
    for (size_t i = 0; i < parents_.size(); ++i) parents_[i] = static_cast<TensorId>(i);
    groups_.resize(graph.tensors.size());
    for (size_t i = 0; i < ranges.size() && i < groups_.size(); ++i) groups_[i].range = ranges[i];
    for (size_t i = 0; i < groups_.size(); ++i) groups_[i].members = {static_cast<TensorId>(i)};
    readers_.resize(graph.tensors.size());
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const TensorId id : graph.nodes[i].inputs) {
        if (id != kNoTensor) readers_[static_cast<size_t>(id)].push_back(i);
      }
    }
  }

  Expected<std::vector<std::optional<Quantization>>> run() {
    for (size_t i = 0; i < g_.nodes.size(); ++i) join_same(i);
    for (size_t i = 0; i < g_.nodes.size(); ++i) join_all(i);
    ML_TRY(expect_ranges());
    std::vector<std::optional<Quantization>> chosen(g_.tensors.size());
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (!touched_[i]) continue;
      const Group& group = of(static_cast<TensorId>(i));
      chosen[i] = group.fixed ? *group.fixed : mapping_of(*group.range, type_);
    }
    return chosen;
  }

 private:
  struct Group {
    std::optional<Quantization> fixed;
    std::optional<Range> range;
    std::vector<TensorId> members;
  };

  bool is_float(TensorId id) const { return id != kNoTensor && g_.tensor(id).dtype == DType::float32; }
  bool is_activation(TensorId id) const { return is_float(id) && !g_.tensor(id).is_constant(); }

  TensorId root(TensorId id) {
    while (parents_[static_cast<size_t>(id)] != id) {
      TensorId& parent = parents_[static_cast<size_t>(id)];
      parent = parents_[static_cast<size_t>(parent)];
      id = parent;
    }
    return id;
  }
  Group& of(TensorId id) { return groups_[static_cast<size_t>(root(id))]; }

  void widen(Group& group, const std::optional<Range>& range) {
    if (range) group.range = group.range ? group.range->with(*range) : *range;
  }

  void unite(TensorId a, TensorId b) {
    TensorId from = root(a), to = root(b);
    if (from == to) return;
    if (of(from).members.size() > of(to).members.size()) std::swap(from, to);
    Group &small = of(from), &large = of(to);
    if (!large.fixed) large.fixed = small.fixed;
    widen(large, small.range);
    large.members.insert(large.members.end(), small.members.begin(), small.members.end());
    parents_[static_cast<size_t>(from)] = to;
    small = {};
  }

  void join_same(size_t node) {
    const OpRule& rule = rules_[node];
    if (rule.role == Role::real) return;
    const Node& n = g_.nodes[node];
    for (const auto* ids : {&n.inputs, &n.outputs}) {
      for (const TensorId id : *ids) {
        if (is_activation(id)) touched_[static_cast<size_t>(id)] = true;
      }
    }
    if (rule.role == Role::fixed) of(n.outputs[0]).fixed = fixed_output(n.op, type_);
    if (rule.role != Role::same) return;
    const TensorId data = n.inputs[rule.data];
    for (const TensorId out : n.outputs) {
      if (!is_activation(out)) continue;
      if (is_activation(data)) {
        unite(data, out);
      } else {
        widen(of(out), range_of_constant(g_.tensor(data)));
      }
    }
  }

  void join_all(size_t node) {
    if (rules_[node].role != Role::same_all) return;
    const Node& n = g_.nodes[node];
    const TensorId out = n.outputs[0];
    bool all_fixed_alike = true;
    const Group* first = nullptr;
    for (const TensorId id : n.inputs) {
      if (!is_float(id)) continue;
      if (!is_activation(id)) {
        widen(of(out), range_of_constant(g_.tensor(id)));
        all_fixed_alike = false;
        continue;
      }
      const Group& group = of(id);
      if (first == nullptr) first = &group;
      all_fixed_alike = all_fixed_alike && group.fixed && same_mapping(*group.fixed, *first->fixed);
    }
    for (const TensorId id : n.inputs) {
      if (!is_activation(id) || root(id) == root(out)) continue;
      if (all_fixed_alike || may_join(id, out, node)) unite(id, out);
    }
  }

  bool may_join(TensorId id, TensorId out, size_t node) {
    const Group &group = of(id), &joined = of(out);
    if (group.fixed || joined.fixed) return false;
    if (group.range && joined.range) {
      const Range all = group.range->with(*joined.range).with({0, 0}), own = group.range->with({0, 0});
      if (own.max - own.min >= kNearlyAll * (all.max - all.min)) return true;
    }
    return std::all_of(group.members.begin(), group.members.end(),
                       [&](TensorId member) { return is_read_within(member, group, out, node); });
  }

  // Is the tensor read by nothing but the node, and nodes that carry its scale on inside of the group?
  bool is_read_within(TensorId member, const Group& group, TensorId out, size_t node) {
    if (g_.is_output(member) || g_.is_input(member)) return false;
    for (const size_t reader : readers_[static_cast<size_t>(member)]) {
      if (reader == node) continue;
      const Role role = rules_[reader].role;
      if (role != Role::same && role != Role::same_all) return false;
      const Group& into = of(g_.nodes[reader].outputs[0]);
      if (&into != &group && &into != &of(out)) return false;
    }
    return true;
  }

  Expected<void> expect_ranges() {
    std::string names;
    size_t count = 0;
    for (size_t i = 0; i < touched_.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      if (!touched_[i] || of(id).fixed || of(id).range) continue;
      if (count++ < kNamed) names += (names.empty() ? "\"" : ", \"") + printable(g_.tensor(id).name) + "\"";
    }
    if (count == 0) return {};
    if (count > kNamed) names += fmt::format(" and {} more", count - kNamed);
    return Unexpected(input_error("quantization", "no range for " + names, "finite values on the calibration samples",
                                  "give samples that the float model computes without NaN and infinity, or leave these "
                                  "nodes in float with --keep_float"));
  }

  const Graph& g_;
  const std::vector<OpRule>& rules_;
  const IntegerType type_;
  std::vector<TensorId> parents_;
  std::vector<bool> touched_;
  std::vector<Group> groups_;
  std::vector<std::vector<size_t>> readers_;
};

}  // namespace

Expected<std::vector<std::optional<Quantization>>> choose_scales(const Graph& graph, const std::vector<OpRule>& rules,
                                                                 const Ranges& ranges, IntegerType type) {
  return Chooser(graph, rules, ranges, type).run();
}

std::optional<Range> range_of_constant(const Tensor& tensor) {
  std::optional<Range> range;
  for (size_t i = 0; i < tensor.data.size_bytes() / sizeof(float); ++i) {
    const double v = tensor.data.get<float>(i);
    if (std::isfinite(v)) range = range ? range->with({v, v}) : Range{v, v};
  }
  return range;
}

}  // namespace monolite::quantize
