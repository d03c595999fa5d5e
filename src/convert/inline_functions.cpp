#include "convert/inline_functions.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/text.h"
#include "convert/lowering.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

constexpr int kMostDepth = 32;
constexpr size_t kMostNodes = 1000000;
constexpr size_t kMostTextBytes = size_t{256} << 20;  // names grow with each call that they stand in

size_t text_bytes(const tf::Node& n) {
  size_t bytes = n.name.size();
  for (const auto& input : n.inputs) bytes += input.size();
  return bytes;
}

bool is_call(const tf::Node& n) { return n.op == "PartitionedCall" || n.op == "StatefulPartitionedCall"; }

class Inliner {
 public:
  explicit Inliner(const tf::Graph& graph) {
    for (const tf::Function& f : graph.functions) functions_[f.name] = &f;
  }

  // Appends `node`, or what it calls.
  Expected<void> add(tf::Node node, int depth) {
    if (nodes.size() > kMostNodes) return Unexpected(node_error(node, "more than a million nodes", "a smaller graph"));
    text_bytes_ += text_bytes(node);
    if (text_bytes_ > kMostTextBytes)
      return Unexpected(node_error(node, "more than 256 MiB of names", "a smaller graph"));
    if (!is_call(node)) {
      nodes.push_back(std::move(node));
      return {};
    }
    const auto* called = node.attr<tf::FunctionName>("f");
    const auto it = called == nullptr ? functions_.end() : functions_.find(called->name);
    if (it == functions_.end())
      return Unexpected(node_error(node, "a call of a function that the graph does not have", "one of its functions"));
    if (depth == kMostDepth)
      return Unexpected(node_error(node, "calls 32 deep", "functions that do not call themselves"));
    return add_body(node, *it->second, depth);
  }

  std::vector<tf::Node> nodes;

 private:
  Expected<void> add_body(const tf::Node& call, const tf::Function& f, int depth) {
    std::unordered_map<std::string, std::string> arguments;
    size_t next = 0;
    for (const auto& input : call.inputs) {
      if (input.starts_with('^') || next == f.inputs.size()) continue;
      arguments[f.inputs[next++]] = input;
    }
    if (next != f.inputs.size()) {
      return Unexpected(
          node_error(call, fmt::format("{} inputs", next), fmt::format("the function's {}", f.inputs.size())));
    }
    const std::string prefix = call.name + "/";
    for (tf::Node n : f.nodes) {
      for (auto& input : n.inputs) input = outside(input, prefix, arguments);
      n.name = prefix + n.name;
      ML_TRY(add(std::move(n), depth + 1));
    }
    tf::Node results{call.name, "IdentityN", {}, "", {}};
    for (const auto& [name, tensor] : f.outputs) results.inputs.push_back(outside(tensor, prefix, arguments));
    nodes.push_back(std::move(results));
    return {};
  }

  // A tensor inside of a function ("arg", "node:output_name:index", "^node") as the graph outside names it.
  static std::string outside(const std::string& tensor, const std::string& prefix,
                             const std::unordered_map<std::string, std::string>& arguments) {
    if (const auto it = arguments.find(tensor); it != arguments.end()) return it->second;
    if (tensor.starts_with('^')) return "^" + prefix + tensor.substr(1);
    const auto parts = split(tensor, ':');
    if (parts.size() < 3) return prefix + tensor;
    // Outputs that have a name of their own count behind those before them; inference reads only first ones, but for
    // these.
    const int first = parts[1] == "indices" ? 1 : 0;
    return first == 0 ? prefix + parts[0] + ":" + parts[2] : prefix + parts[0] + ":1";
  }

  size_t text_bytes_ = 0;
  std::unordered_map<std::string, const tf::Function*> functions_;
};

}  // namespace

Expected<tf::Graph> inline_functions(tf::Graph graph) {
  Inliner inliner(graph);
  for (tf::Node& n : graph.nodes) ML_TRY(inliner.add(std::move(n), 0));
  graph.nodes = std::move(inliner.nodes);
  graph.functions.clear();
  return graph;
}

}  // namespace monolite::conversion
