#include "compare/structure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace monolite::compare {
namespace {

// Beyond this many pairs of nodes only names are looked at.
constexpr size_t kMostPairs = size_t{1} << 24;

std::string name_of(const Graph& g, const Node& n) {
  return n.outputs.empty() || n.outputs[0] == kNoTensor ? std::string() : g.tensor(n.outputs[0]).name;
}

// How well two nodes go together; 0: not at all.
int likeness(const Graph& a, const Node& x, const Graph& b, const Node& y) {
  const bool same_op = x.op == y.op && x.custom_code == y.custom_code;
  const std::string name = name_of(a, x);
  const bool same_name = !name.empty() && name == name_of(b, y);
  return (same_op ? 2 : 0) + (same_name ? 3 : 0) + (same_op && x.attributes == y.attributes ? 1 : 0);
}

std::vector<std::pair<int, int>> align_by_name(const Graph& a, const Graph& b) {
  std::map<std::string, int> in_b;
  for (size_t j = 0; j < b.nodes.size(); ++j) in_b.emplace(name_of(b, b.nodes[j]), static_cast<int>(j));
  std::vector<std::pair<int, int>> pairs;
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    const auto found = in_b.find(name_of(a, a.nodes[i]));
    if (found == in_b.end() || (!pairs.empty() && found->second <= pairs.back().second)) continue;
    pairs.emplace_back(static_cast<int>(i), found->second);
  }
  return pairs;
}

bool same_bytes(const Buffer& a, const Buffer& b) {
  return a.size_bytes() == b.size_bytes() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

class Comparison {
 public:
  Comparison(const Graph& a, const Graph& b) : a_(a), b_(b) {}

  Structure run() {
    s_.nodes_a = static_cast<int>(a_.nodes.size());
    s_.nodes_b = static_cast<int>(b_.nodes.size());
    int i = 0, j = 0;
    for (const auto& [x, y] : align(a_, b_)) {
      for (; i < x; ++i) alone(NodeChange::Kind::removed, a_, i);
      for (; j < y; ++j) alone(NodeChange::Kind::added, b_, j);
      both(i++, j++);
    }
    for (; i < s_.nodes_a; ++i) alone(NodeChange::Kind::removed, a_, i);
    for (; j < s_.nodes_b; ++j) alone(NodeChange::Kind::added, b_, j);
    return std::move(s_);
  }

 private:
  void alone(NodeChange::Kind kind, const Graph& g, int i) {
    const Node& n = g.nodes[static_cast<size_t>(i)];
    const bool is_added = kind == NodeChange::Kind::added;
    s_.changes.push_back({kind, is_added ? -1 : i, is_added ? i : -1, op_name(n), name_of(g, n), {}});
  }

  void both(int i, int j) {
    const Node &x = a_.nodes[static_cast<size_t>(i)], &y = b_.nodes[static_cast<size_t>(j)];
    NodeChange c{NodeChange::Kind::changed, i, j, op_name(x), name_of(a_, x), {}};
    if (op_name(x) != op_name(y)) c.what.push_back("is " + op_name(y));
    if (op_name(x) == op_name(y) && !(x.attributes == y.attributes)) options(x.attributes, y.attributes, c.what);
    if (!same_bytes(x.custom_options, y.custom_options)) c.what.emplace_back("custom options");
    if (x.inputs.size() != y.inputs.size()) {
      c.what.push_back(fmt::format("{} inputs, not {}", y.inputs.size(), x.inputs.size()));
    }
    for (size_t k = 0; k < std::min(x.inputs.size(), y.inputs.size()); ++k)
      constants(k, x.inputs[k], y.inputs[k], c.what);
    for (size_t k = 0; k < std::min(x.outputs.size(), y.outputs.size()); ++k) {
      if (x.outputs[k] == kNoTensor || y.outputs[k] == kNoTensor) continue;
      tensors(fmt::format("output {}", k), a_.tensor(x.outputs[k]), b_.tensor(y.outputs[k]), c.what);
    }
    if (c.what.empty()) {
      ++s_.same_nodes;
    } else {
      s_.changes.push_back(std::move(c));
    }
  }

  static void options(const Attributes& x, const Attributes& y, std::vector<std::string>& what) {
    for (const auto& [field, value] : y.values()) {
      const AttributeValue* old = x.find(field);
      if (old != nullptr && *old == value) continue;
      const auto* now = std::get_if<int64_t>(&value);
      const auto* was = old == nullptr ? nullptr : std::get_if<int64_t>(old);
      what.push_back(now != nullptr && was != nullptr ? fmt::format("{} {} -> {}", field, *was, *now) : field);
    }
    for (const auto& [field, value] : x.values()) {
      if (y.find(field) == nullptr) what.push_back(field);
    }
  }

  void constants(size_t k, TensorId x, TensorId y, std::vector<std::string>& what) {
    if (x == kNoTensor || y == kNoTensor) return;
    const Tensor &s = a_.tensor(x), &t = b_.tensor(y);
    if (!s.is_constant() && !t.is_constant()) return;
    const bool is_equal = s.is_constant() && t.is_constant() && s.dtype == t.dtype && same_bytes(s.data, t.data);
    ++(is_equal ? s_.weights_equal : s_.weights_different);
    const std::string place = fmt::format("input {}", k);
    if (s.is_constant() != t.is_constant()) {
      what.push_back(place + (s.is_constant() ? " is no constant any more" : " is a constant now"));
    } else if (!is_equal) {
      what.push_back(place + ": other values");
    }
    tensors(place, s, t, what);
  }

  static void tensors(const std::string& place, const Tensor& s, const Tensor& t, std::vector<std::string>& what) {
    if (s.dtype != t.dtype) what.push_back(fmt::format("{}: {} -> {}", place, name(s.dtype), name(t.dtype)));
    if (s.shape != t.shape) what.push_back(fmt::format("{}: {} -> {}", place, to_string(s.shape), to_string(t.shape)));
    if (!same_mapping(s.quantization, t.quantization)) what.push_back(place + ": another quantization");
  }

  const Graph &a_, &b_;
  Structure s_;
};

}  // namespace

std::vector<std::pair<int, int>> align(const Graph& a, const Graph& b) {
  const size_t n = a.nodes.size(), m = b.nodes.size();
  if (m != 0 && n > kMostPairs / m) return align_by_name(a, b);
  // The best sum of likenesses of nodes from (i, j) on.
  std::vector<int32_t> best((n + 1) * (m + 1), 0);
  const auto at = [&](size_t i, size_t j) -> int32_t& { return best[i * (m + 1) + j]; };
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      const int like = likeness(a, a.nodes[i], b, b.nodes[j]);
      at(i, j) = std::max({at(i + 1, j), at(i, j + 1), like > 0 ? at(i + 1, j + 1) + like : 0});
    }
  }
  std::vector<std::pair<int, int>> pairs;
  for (size_t i = 0, j = 0; i < n && j < m;) {
    const int like = likeness(a, a.nodes[i], b, b.nodes[j]);
    if (like > 0 && at(i, j) == at(i + 1, j + 1) + like) {
      pairs.emplace_back(static_cast<int>(i++), static_cast<int>(j++));
    } else if (at(i, j) == at(i + 1, j)) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

Structure compare_structure(const Model& a, const Model& b) { return Comparison(a.main(), b.main()).run(); }

}  // namespace monolite::compare
