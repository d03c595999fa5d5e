#include "monolite/check.h"

#include <algorithm>

#include "base/text.h"
#include "delegates/check.h"
#include "delegates/observed.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

using delegates::GraphContext;

Expected<std::vector<const delegates::Target*>> wanted_targets(const std::vector<std::string>& names) {
  std::vector<const delegates::Target*> targets;
  const auto add = [&](const delegates::Target* t) {
    if (std::find(targets.begin(), targets.end(), t) == targets.end()) targets.push_back(t);
  };
  for (const std::string& name : names) {
    if (name == "all") {
      for (const delegates::Target& t : delegates::all_targets()) add(&t);
      continue;
    }
    ML_ASSIGN(const delegates::Target* t, delegates::find_target(name));
    add(t);
  }
  if (names.empty()) {
    for (const delegates::Target& t : delegates::all_targets()) add(&t);
  }
  return targets;
}

std::string op_text(const GraphContext& graph, int node) {
  return printable(op_name(graph.graph().nodes[static_cast<size_t>(node)]));
}

CheckCrossing crossing(const GraphContext& graph, TensorId id) {
  const Tensor& t = graph.graph().tensor(id);
  return {printable(t.name), std::string(name(t.dtype)), graph.propagated_shape(id).dims(), graph.size_bytes(id)};
}

CheckSegment to_public(const GraphContext& graph, const delegates::Segment& s) {
  CheckSegment segment;
  segment.kind = s.is_delegated ? "delegate" : "cpu";
  segment.nodes = s.nodes;
  for (const int i : s.nodes) segment.ops.push_back(op_text(graph, i));
  segment.macs = s.macs;
  for (const TensorId id : s.inputs) segment.inputs.push_back(crossing(graph, id));
  for (const TensorId id : s.outputs) segment.outputs.push_back(crossing(graph, id));
  segment.bytes_in = s.bytes_in;
  segment.bytes_out = s.bytes_out;
  return segment;
}

CheckCpuNode to_public(const GraphContext& graph, const delegates::CpuNode& n) {
  CheckCpuNode node;
  node.index = n.index;
  node.op = op_text(graph, n.index);
  const Node& of = graph.graph().nodes[static_cast<size_t>(n.index)];
  if (!of.outputs.empty() && of.outputs[0] != kNoTensor)
    node.name = printable(graph.graph().tensor(of.outputs[0]).name);
  for (const delegates::Refusal& r : n.reasons) node.reasons.push_back({r.code, printable(r.message, 1000), r.fix});
  return node;
}

CheckVerdict to_public(const GraphContext& graph, const delegates::Target& target, const delegates::Verdict& v,
                       const CheckOptions& options) {
  CheckVerdict verdict;
  verdict.name = target.name;
  verdict.description = target.description;
  verdict.partitions = v.partitions;
  verdict.delegated_nodes = v.delegated_nodes;
  verdict.nodes = v.nodes;
  verdict.delegated_macs = v.delegated_macs;
  verdict.macs = v.macs;
  verdict.fully_delegated = v.fully_delegated();
  verdict.accepted = v.fully_delegated() || (options.ignore_border_casts && v.partitions == 1 && v.only_border_casts);
  verdict.at_best = target.at_best;
  for (const auto& s : v.segments) verdict.segments.push_back(to_public(graph, s));
  for (const auto& n : v.cpu_nodes) verdict.cpu_nodes.push_back(to_public(graph, n));
  verdict.warnings = v.warnings;
  return verdict;
}

}  // namespace

bool CheckReport::accepted() const {
  return std::all_of(targets.begin(), targets.end(), [](const CheckVerdict& v) { return v.accepted; });
}

Expected<CheckReport> check(const CheckOptions& options) {
  ML_ASSIGN(const auto targets, wanted_targets(options.targets));
  if (!options.observed.empty() && targets.size() != 1) {
    return Unexpected(usage_error("--observed", "a log of one run", "one --target to compare it with",
                                  "name the target that the device stands for, e.g. --target nnapi-29-cpu"));
  }
  ML_ASSIGN(const Model model, tflite::read_file(options.model));
  const GraphContext graph(model);
  CheckReport report;
  report.file = options.model;
  for (const delegates::Target* target : targets) {
    const auto verdict = delegates::check(graph, *target, {.most_partitions = options.most_partitions});
    report.targets.push_back(to_public(graph, *target, verdict, options));
    if (options.observed.empty()) continue;
    ML_ASSIGN(const auto observed, delegates::read_observed(options.observed));
    const auto compared = delegates::compare(graph, verdict, observed);
    CheckObservation o{.log = options.observed, .predicted = compared.predicted, .differences = compared.differences};
    for (const auto& row : observed.rows) {
      o.ran.push_back(row.type);
      o.average_ms.push_back(row.average_ms);
    }
    report.observation = std::move(o);
  }
  return report;
}

std::vector<std::string> check_target_names() {
  std::vector<std::string> names = {"nnapi"};
  for (const auto& t : delegates::all_targets()) names.push_back(t.name);
  names.emplace_back("all");
  return names;
}

}  // namespace monolite
