#include "convert/select.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"

namespace monolite::conversion {
namespace {

using tensorflow::Node;
using tensorflow::TensorName;

constexpr size_t kMostCandidates = 20000;  // names compared for "did you mean"
constexpr size_t kNamed = 4;               // inputs and outputs named in an error

// Depth first, without recursion: a hostile graph may be a chain of any length.
class Walk {
 public:
  Walk(const NodeIndex& index, const std::vector<TensorName>& inputs) : index_(index) {
    for (const TensorName& t : inputs) stops_.insert(t.node);
  }

  Expected<void> visit(const Node* root) {
    if (stops_.contains(root->name)) {
      reached_.insert(root->name);
      return {};
    }
    enter(root);
    while (!stack_.empty()) {
      Frame& top = stack_.back();
      if (top.next == top.node->inputs.size()) {
        state_[top.node] = State::done;
        order.push_back(top.node);
        stack_.pop_back();
        continue;
      }
      const TensorName input = tensorflow::parse_tensor_name(top.node->inputs[top.next++]);
      if (input.is_control) continue;
      if (stops_.contains(input.node)) {
        reached_.insert(input.node);
        continue;
      }
      auto next = index_.get(input.node, "input");
      if (!next) return Unexpected(next.error().at("node \"" + printable(top.node->name) + "\""));
      const auto seen = state_.find(*next);
      if (seen == state_.end()) {
        enter(*next);
      } else if (seen->second == State::open) {
        return Unexpected(input_error(
            "node \"" + printable((*next)->name) + "\"", "a cycle: it depends on its own output",
            "a frozen inference graph, which has none", "freeze the inference graph, not one with training or loops"));
      }
    }
    return {};
  }

  bool reached(const std::string& input) const { return reached_.contains(input); }
  std::vector<const Node*> order;

 private:
  enum class State { open, done };
  struct Frame {
    const Node* node;
    size_t next = 0;
  };
  void enter(const Node* node) {
    if (!state_.emplace(node, State::open).second) return;
    stack_.push_back({node});
  }

  const NodeIndex& index_;
  std::unordered_set<std::string> stops_, reached_;
  std::unordered_map<const Node*, State> state_;
  std::vector<Frame> stack_;
};

}  // namespace

Expected<NodeIndex> NodeIndex::of(const tensorflow::Graph& graph) {
  NodeIndex index;
  for (const Node& n : graph.nodes) {
    if (n.name.empty())
      return Unexpected(input_error("", "a node of type " + printable(n.op) + " without a name", "a name"));
    if (!index.by_name_.emplace(n.name, &n).second) {
      return Unexpected(input_error("node \"" + printable(n.name) + "\"", "two nodes of that name", "one"));
    }
  }
  return index;
}

const Node* NodeIndex::find(const std::string& name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : it->second;
}

Expected<const Node*> NodeIndex::get(const std::string& name, const std::string& what) const {
  if (const Node* found = find(name)) return found;
  std::vector<std::string> names;
  for (const auto& [known, node] : by_name_) {
    if (names.size() == kMostCandidates) break;
    names.push_back(known);
  }
  std::sort(names.begin(), names.end());
  const std::string near = nearest(name, names);
  return Unexpected(input_error(what, "no node \"" + printable(name) + "\" in the graph", "the name of a node",
                                what == "input" ? "the graph was cut or edited: freeze it again"
                                : near.empty()  ? ends()
                                                : "did you mean \"" + printable(near) + "\"?"));
}

// What a graph begins and ends with, for one who does not know its names.
std::string NodeIndex::ends() const {
  std::unordered_set<std::string> read;
  std::vector<std::string> inputs, outputs;
  for (const auto& [name, node] : by_name_) {
    for (const auto& input : node->inputs) read.insert(tensorflow::parse_tensor_name(input).node);
    if (node->op == "Placeholder") inputs.push_back(name);
  }
  for (const auto& [name, node] : by_name_) {
    const bool is_end = node->op != "Const" && node->op != "NoOp" && node->op != "Assert" && !node->inputs.empty();
    if (is_end && !read.contains(name)) outputs.push_back(name);
  }
  const auto list = [](std::vector<std::string>& names) {
    std::sort(names.begin(), names.end());
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i == 0 ? "" : ", ") + printable(names[i]);
    return names.empty() ? std::string("nothing") : names.size() > kNamed ? text + ", …" : text;
  };
  return "the graph begins with " + list(inputs) + " and ends with " + list(outputs);
}

Expected<Selection> select(const NodeIndex& index, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs) {
  Selection s;
  for (const auto& name : inputs) {
    s.inputs.push_back(tensorflow::parse_tensor_name(name));
    ML_TRY(index.get(s.inputs.back().node, "input array"));
  }
  Walk walk(index, s.inputs);
  for (const auto& name : outputs) {
    s.outputs.push_back(tensorflow::parse_tensor_name(name));
    ML_ASSIGN(const Node* node, index.get(s.outputs.back().node, "output array"));
    ML_TRY(walk.visit(node));
  }
  for (const TensorName& t : s.inputs) {
    if (walk.reached(t.node)) continue;
    return Unexpected(input_error("input array \"" + printable(t.node) + "\"",
                                  "an input that the outputs do not depend on",
                                  "a node between the graph's beginning and the outputs asked for", "leave it out"));
  }
  s.nodes = std::move(walk.order);
  return s;
}

std::vector<std::string> leaves(const tensorflow::Graph& graph) {
  std::unordered_set<std::string> read;
  for (const Node& n : graph.nodes) {
    for (const auto& input : n.inputs) read.insert(tensorflow::parse_tensor_name(input).node);
  }
  std::vector<std::string> names;
  for (const Node& n : graph.nodes) {
    if (!read.contains(n.name) && n.op != "Const" && n.op != "NoOp" && n.op != "Assert") names.push_back(n.name);
  }
  return names;
}

}  // namespace monolite::conversion
