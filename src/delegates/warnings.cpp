#include "delegates/warnings.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"

namespace monolite::delegates {
namespace {

// Worth a word: more than a 513x513 picture and its labels.
constexpr int64_t kLargeCopyBytes = 1'300'000;
// Depthwise convolutions are built for 3x3 and 5x5.
constexpr int64_t kLargeWindow = 100;

std::string node_list(const GraphContext& graph, const std::vector<int>& nodes) {
  std::string text = fmt::format("node{} ", nodes.size() == 1 ? "" : "s");
  for (size_t i = 0; i < nodes.size() && i < 8; ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", nodes[i]);
  if (nodes.size() > 8) text += ", …";
  return text + " " + printable(op_name(graph.graph().nodes[static_cast<size_t>(nodes.front())]));
}

// The node's slowness whatever the target.
std::string slow_everywhere(const NodeContext& n) {
  if (n.op() == OpCode::DEPTHWISE_CONV_2D && n.rank(1) == 4) {
    const int64_t h = n.shape(1)[1], w = n.shape(1)[2];
    if (h * w >= kLargeWindow)
      return fmt::format("a depthwise window of {}x{}: accelerators are built for 3x3 and 5x5", h, w);
  }
  const bool from_caller =
      n.op() == OpCode::QUANTIZE && n.dtype(0) == DType::float32 && n.has_input(0) && n.graph().is_input(n.input_id(0));
  const bool to_caller = n.op() == OpCode::DEQUANTIZE && n.output_count() > 0 && n.graph().is_output(n.output_id(0));
  if (from_caller || to_caller) {
    return fmt::format(
        "converts float at the model's edge, {} bytes instead of {}; `monolite edit --io` makes the edge 8-bit",
        with_commas(n.graph().size_bytes(from_caller ? n.input_id(0) : n.output_id(0))),
        with_commas(n.graph().size_bytes(from_caller ? n.output_id(0) : n.input_id(0))));
  }
  return {};
}

void append_large_copies(const GraphContext& graph, const Verdict& verdict, std::vector<std::string>& all) {
  for (const Segment& s : verdict.segments) {
    if (!s.is_delegated) continue;
    for (const bool is_output : {false, true}) {
      for (const TensorId id : is_output ? s.outputs : s.inputs) {
        const int64_t bytes = graph.size_bytes(id);
        if (bytes < kLargeCopyBytes) continue;
        const Tensor& t = graph.graph().tensor(id);
        const Shape& shape = graph.propagated_shape(id);
        const bool is_scores = is_output && shape.rank() == 4 && shape[3] > 4;
        all.push_back(
            fmt::format("\"{}\" is copied {} on every run: {} bytes ({} {}){}", printable(t.name, 60),
                        is_output ? "out" : "in", with_commas(bytes), to_string(shape), name(t.dtype),
                        is_scores ? "; let the piece end in labels (ARG_MAX), or before its last resize" : ""));
      }
    }
  }
}

}  // namespace

std::vector<std::string> warnings(const GraphContext& graph, const Target& target, const Verdict& verdict) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<int>> nodes;
  const auto note = [&](int node, const std::string& text) {
    if (text.empty()) return;
    auto& list = nodes[text];
    if (list.empty()) order.push_back(text);
    list.push_back(node);
  };
  for (const Segment& s : verdict.segments) {
    if (!s.is_delegated) continue;
    for (const int i : s.nodes) {
      const NodeContext n(graph, i, target.shapes);
      if (!target.is_cpu) note(i, slow_everywhere(n));
      if (target.remark) note(i, target.remark(n));
    }
  }
  std::vector<std::string> all;
  for (const std::string& text : order) all.push_back(node_list(graph, nodes[text]) + ": " + text);
  if (!target.is_cpu) append_large_copies(graph, verdict, all);
  if (target.at_best && verdict.partitions > 0) {
    all.push_back("at best: the driver or compiler of the device has the last word about each node");
  }
  return all;
}

}  // namespace monolite::delegates
