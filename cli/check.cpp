#include "monolite/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

Json to_json(const std::vector<CheckCrossing>& crossings) {
  Json all = Json::array();
  for (const CheckCrossing& c : crossings) {
    all.push_back({{"name", c.name}, {"dtype", c.dtype}, {"shape", c.shape}, {"bytes", c.bytes}});
  }
  return all;
}

Json to_json(const CheckVerdict& v) {
  Json segments = Json::array(), cpu_nodes = Json::array();
  for (const CheckSegment& s : v.segments) {
    segments.push_back({{"kind", s.kind},
                        {"nodes", s.nodes},
                        {"macs", s.macs},
                        {"bytes_in", s.bytes_in},
                        {"bytes_out", s.bytes_out},
                        {"inputs", to_json(s.inputs)},
                        {"outputs", to_json(s.outputs)}});
  }
  for (const CheckCpuNode& n : v.cpu_nodes) {
    Json reasons = Json::array();
    for (const CheckRefusal& r : n.reasons)
      reasons.push_back({{"code", r.code}, {"message", r.message}, {"fix", r.fix}});
    cpu_nodes.push_back({{"index", n.index}, {"op", n.op}, {"name", n.name}, {"reasons", reasons}});
  }
  return {{"name", v.name},
          {"description", v.description},
          {"partitions", v.partitions},
          {"delegated_nodes", v.delegated_nodes},
          {"nodes", v.nodes},
          {"delegated_macs", v.delegated_macs},
          {"macs", v.macs},
          {"fully_delegated", v.fully_delegated},
          {"at_best", v.at_best},
          {"segments", segments},
          {"cpu_nodes", cpu_nodes},
          {"warnings", v.warnings}};
}

Json to_json(const CheckReport& r) {
  Json targets = Json::array();
  for (const CheckVerdict& v : r.targets) targets.push_back(to_json(v));
  Json document = {{"file", r.file}, {"targets", targets}};
  if (r.observation) {
    const CheckObservation& o = *r.observation;
    document["observed"] = {{"log", o.log},
                            {"ran", o.ran},
                            {"avg_ms", o.average_ms},
                            {"predicted", o.predicted},
                            {"differences", o.differences}};
  }
  return document;
}

std::string count(size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

std::string share(int64_t part, int64_t whole) {
  if (whole == 0) return "–";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  // 99.97 % is not all of it, and is not shown so.
  return part == whole || percent < 99.95 ? fmt::format("{:.1f} %", percent) : "99.9 %";
}

// "CONV_2D x 12" for a run of equal ops on the CPU.
std::string cpu_strip(const CheckSegment& s) {
  std::string text;
  for (size_t i = 0, same = 0; i < s.ops.size(); i += same) {
    for (same = 1; i + same < s.ops.size() && s.ops[i + same] == s.ops[i];) ++same;
    text += (text.empty() ? "" : " ") + s.ops[i];
    if (same > 2) {
      text += fmt::format(" x {}", same);
    } else if (same == 2) {
      text += " " + s.ops[i];
    }
  }
  return text;
}

// The pieces in run order: "[62 nodes] AVERAGE_POOL_2D [1 node] …".
std::string strip(const CheckVerdict& v) {
  std::string text;
  for (const CheckSegment& s : v.segments) {
    text += text.empty() ? "" : " ";
    text += s.kind == "delegate" ? "[" + count(s.nodes.size(), "node") + "]" : cpu_strip(s);
  }
  return text.empty() ? "(no nodes)" : text;
}

// Breaks text at spaces; later lines stand under the first.
std::string wrapped(const std::string& text, size_t indent, size_t width = 110) {
  std::string out;
  size_t column = indent;
  for (const std::string& word : split(text, ' ')) {
    if (column + word.size() + 1 > width && column > indent) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string crossing_text(const CheckCrossing& c) {
  return fmt::format("{} {} {} bytes", c.shape.empty() ? "scalar" : fmt::format("{}", fmt::join(c.shape, "x")), c.dtype,
                     with_commas(c.bytes));
}

std::string crossings_text(const std::vector<CheckCrossing>& all, int64_t bytes) {
  std::string text;
  for (size_t i = 0; i < all.size() && i < 3; ++i) text += (i == 0 ? "" : "; ") + crossing_text(all[i]);
  if (all.size() > 3) text += fmt::format("; and {} more, together {} bytes", all.size() - 3, with_commas(bytes));
  return text;
}

void print_borders(const CheckVerdict& v) {
  if (v.segments.size() < 2) return;
  fmt::print("\n  what crosses the borders\n");
  for (size_t i = 0; i < v.segments.size(); ++i) {
    const CheckSegment& s = v.segments[i];
    const std::string piece = s.kind == "delegate" ? "[" + count(s.nodes.size(), "node") + "]"
                              : s.ops.size() == 1  ? s.ops[0]
                                                   : fmt::format("CPU, {} nodes", s.ops.size());
    fmt::print("    {:<22} in   {}\n", piece, crossings_text(s.inputs, s.bytes_in));
    fmt::print("    {:<22} out  {}\n", "", crossings_text(s.outputs, s.bytes_out));
  }
}

std::string reason_key(const CheckCpuNode& n) {
  std::string key = n.op;
  for (const CheckRefusal& r : n.reasons) key += "\n" + r.message + "\n" + r.fix;
  return key;
}

// Nodes refused for the same reasons stand together: a hundred equal paragraphs help nobody.
void print_refusals(const CheckVerdict& v) {
  if (v.cpu_nodes.empty()) return;
  fmt::print("\n  left to the CPU\n");
  std::vector<std::vector<const CheckCpuNode*>> groups;
  std::map<std::string, size_t> group_of;
  for (const CheckCpuNode& n : v.cpu_nodes) {
    const auto [it, is_new] = group_of.emplace(reason_key(n), groups.size());
    if (is_new) groups.emplace_back();
    groups[it->second].push_back(&n);
  }
  for (const auto& group : groups) {
    const CheckCpuNode& first = *group.front();
    if (group.size() == 1) {
      fmt::print("    node {} {} \"{}\"\n", first.index, first.op, printable(first.name, 60));
    } else {
      std::string numbers;
      for (size_t i = 0; i < group.size() && i < 12; ++i)
        numbers += fmt::format("{}{}", i == 0 ? "" : ", ", group[i]->index);
      fmt::print("    {} {}: nodes {}{}\n", group.size(), first.op, numbers, group.size() > 12 ? ", …" : "");
    }
    for (const CheckRefusal& r : first.reasons) {
      fmt::print("      why   {}\n", wrapped(r.message, 12));
      if (!r.fix.empty()) fmt::print("      cure  {}\n", wrapped(r.fix, 12));
    }
  }
}

void print_verdict(const CheckVerdict& v) {
  fmt::print("{}: {}\n", v.name, v.description);
  fmt::print("  {}\n\n", wrapped(strip(v), 2));
  fmt::print("  {}{}, {} of {} nodes ({}), {:.3f} of {:.3f} G MACs ({})\n", v.at_best ? "at best " : "",
             count(static_cast<size_t>(v.partitions), "partition"), v.delegated_nodes, v.nodes,
             share(v.delegated_nodes, v.nodes), static_cast<double>(v.delegated_macs) / 1e9,
             static_cast<double>(v.macs) / 1e9, share(v.delegated_macs, v.macs));
  print_refusals(v);
  print_borders(v);
  if (!v.warnings.empty()) fmt::print("\n  taken, but\n");
  for (const std::string& w : v.warnings) fmt::print("    {}\n", wrapped(w, 6));
}

// The ops that stay on the CPU, each once.
std::string refused_ops(const CheckVerdict& v) {
  std::vector<std::string> ops;
  for (const CheckCpuNode& n : v.cpu_nodes) {
    if (std::find(ops.begin(), ops.end(), n.op) == ops.end()) ops.push_back(n.op);
  }
  std::string text;
  for (size_t i = 0; i < ops.size() && i < 4; ++i) text += (i == 0 ? "" : ", ") + ops[i];
  return ops.size() > 4 ? text + ", …" : text;
}

void print_overview(const CheckReport& r) {
  Table table({{"target"},
               {"whole"},
               {"partitions", Table::Align::right},
               {"nodes", Table::Align::right},
               {"MACs", Table::Align::right},
               {"left to the CPU", Table::Align::left, 70}});
  for (const CheckVerdict& v : r.targets) {
    table.add({v.name,
               !v.accepted ? "no"
               : v.at_best ? "at best"
                           : "yes",
               std::to_string(v.partitions), fmt::format("{}/{}", v.delegated_nodes, v.nodes),
               share(v.delegated_macs, v.macs), refused_ops(v)});
  }
  fmt::print("{}\n", table.text());
  fmt::print("`monolite check {} --target NAME` gives each node's reason and its cure\n", r.file);
}

void print_observation(const CheckObservation& o) {
  fmt::print("\nobserved: {}\n", o.log);
  for (size_t i = 0; i < o.ran.size(); ++i) fmt::print("  {:>10.3f} ms  {}\n", o.average_ms[i], o.ran[i]);
  std::string predicted;
  for (const std::string& p : o.predicted) predicted += (predicted.empty() ? "" : " ") + p;
  fmt::print("  predicted  {}\n", wrapped(predicted, 13));
  if (o.differences.empty()) fmt::print("  the device did as predicted\n");
  for (const std::string& d : o.differences) fmt::print("  differs    {}\n", wrapped(d, 13));
}

void print_text(const CheckReport& r, bool is_overview) {
  if (is_overview) {
    print_overview(r);
    return;
  }
  for (size_t i = 0; i < r.targets.size(); ++i) {
    if (i > 0) fmt::print("\n");
    print_verdict(r.targets[i]);
  }
  if (r.observation) print_observation(*r.observation);
}

}  // namespace

int check(Args& args) {
  CheckOptions o;
  std::vector<std::string> targets;
  args.positional("MODEL", o.model, "a .tflite")
      .flags("target", targets, "T", fmt::format("may be repeated: {}", fmt::join(check_target_names(), ", ")))
      .flag("max_delegated_partitions", o.most_partitions, "N", "instead of the delegate's own limit; 0 for none")
      .flag("ignore-border-casts", o.ignore_border_casts, "CASTs of the model's inputs and outputs may stay on the CPU")
      .flag("observed", o.observed, "LOG", "a log of benchmark_model on a device: where it and the prediction differ")
      .note("Without --target, one line for each target.")
      .note("Exit 0: every target asked for takes the model in one partition and leaves no node to the CPU; 1: not so.")
      .example("monolite check deeplab.tflite")
      .example("monolite check deeplab.tflite --target nnapi --target ethos-u55")
      .example("monolite check deeplab.tflite --target nnapi-29-cpu --observed benchmark.log");
  if (const auto code = args.parse()) return *code;
  for (const std::string& value : targets) {
    for (std::string& name : split(value, ',')) o.targets.push_back(std::move(name));
  }
  const auto report = monolite::check(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(*report, o.targets.empty() || (o.targets.size() == 1 && o.targets[0] == "all"));
  }
  return o.targets.empty() || report->accepted() ? kYes : kNo;
}

}  // namespace monolite::cli
