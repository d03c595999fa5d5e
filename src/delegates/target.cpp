#include "delegates/target.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delegates/targets.h"

namespace monolite::delegates {
namespace {

const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> list;
#define TARGETS(file) \
  for (Target & t : file##_targets()) list.push_back(std::move(t));
#include "delegates/targets.inc"
#undef TARGETS
    return list;
  }();
  return all;
}

void refuse_all(Judgement& judgement, const Refusal& why) {
  for (auto& refusals : judgement) refusals.push_back(why);
}

void refuse_dynamic(const GraphContext& graph, Judgement& judgement) {
  for (int i = 0; i < graph.node_count(); ++i) {
    if (!graph.is_dynamic(i)) continue;
    refuse_all(judgement,
               {"dynamic_shape",
                fmt::format("node {} {} has an output whose shape is only known while the graph runs, so the "
                            "whole graph is refused",
                            i, op_name(graph.graph().nodes[static_cast<size_t>(i)])),
                "make the tensor that decides about the shape a constant"});
    return;
  }
}

// The DEQUANTIZEs of float16 constants are refused, unless every other node is taken: then they go along.
void fold_float16(const GraphContext& graph, Judgement& judgement) {
  bool all_taken = true;
  for (int i = 0; i < graph.node_count(); ++i) {
    all_taken = all_taken && (graph.unpacks_float16(i) || judgement[static_cast<size_t>(i)].empty());
  }
  for (int i = 0; i < graph.node_count(); ++i) {
    if (!graph.unpacks_float16(i)) continue;
    auto& refusals = judgement[static_cast<size_t>(i)];
    refusals.clear();
    if (!all_taken) {
      refusals.push_back({"float16_weights", "unpacking float16 weights goes along only when every other node is taken",
                          "mend what the other nodes are refused for"});
    }
  }
}

}  // namespace

std::span<const Target> all_targets() { return targets(); }

Expected<const Target*> find_target(std::string_view wanted) {
  const std::string_view full = wanted == "nnapi" ? "nnapi-29-cpu" : wanted;
  std::vector<std::string> names = {"nnapi"};
  for (const Target& t : targets()) {
    if (t.name == full) return &t;
    names.push_back(t.name);
  }
  const std::string near = nearest(wanted, names);
  return Unexpected(usage_error(fmt::format("target \"{}\"", printable(wanted)), "no target of this name",
                                fmt::format("one of {}", fmt::join(names, ", ")),
                                near.empty() ? "" : fmt::format("did you mean {}?", near)));
}

Judgement judge(const GraphContext& graph, const Target& target) {
  Judgement judgement(static_cast<size_t>(graph.node_count()));
  bool has_float16 = false;
  for (int i = 0; i < graph.node_count(); ++i) has_float16 = has_float16 || graph.unpacks_float16(i);
  const bool through_float16 = target.folds_float16 && has_float16;
  for (int i = 0; i < graph.node_count(); ++i) {
    judgement[static_cast<size_t>(i)] = target.judge(NodeContext(graph, i, target.shapes, through_float16));
  }
  if (through_float16) fold_float16(graph, judgement);
  if (target.judge_graph) target.judge_graph(graph, judgement);
  if (target.refuses_dynamic_shapes) refuse_dynamic(graph, judgement);
  return judgement;
}

}  // namespace monolite::delegates
