#include "monolite/inspect.h"

#include <fmt/format.h>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

std::string shape_text(const TensorInfo& t) {
  if (!t.is_shape_known && t.shape.empty()) return "?";
  if (t.shape.empty()) return "scalar";
  return fmt::format("{}", fmt::join(t.shape, "x"));
}

std::string tensor_text(const InspectReport& r, int id) {
  if (id < 0) return "-";
  const TensorInfo& t = r.tensors[static_cast<size_t>(id)];
  return t.dtype + " " + shape_text(t);
}

std::string attributes_text(const NodeInfo& n) {
  std::string text;
  for (const auto& [field, value] : n.attributes) text += (text.empty() ? "" : " ") + field + "=" + value;
  return text;
}

std::string mega(int64_t value) { return value == 0 ? "" : fmt::format("{:.2f}", static_cast<double>(value) / 1e6); }

Json to_json(const TensorInfo& t) {
  return {{"index", t.index},
          {"name", t.name},
          {"dtype", t.dtype},
          {"shape", t.shape},
          {"quantization", t.quantization},
          {"constant", t.is_constant},
          {"bytes", t.size_bytes}};
}

// The receipt's steps; an empty list where there is none, or none that can be read.
Json receipt_of(const InspectReport& r) {
  Json steps = Json::parse(r.receipt, nullptr, false);
  return steps.is_array() ? steps : Json::array();
}

Json to_json(const InspectReport& r) {
  Json nodes = Json::array(), tensors = Json::array();
  for (const NodeInfo& n : r.nodes) {
    Json attributes = Json::object();
    for (const auto& [field, value] : n.attributes) attributes[field] = value;
    nodes.push_back({{"index", n.index},
                     {"op", n.op},
                     {"name", n.name},
                     {"version", n.version},
                     {"inputs", n.inputs},
                     {"outputs", n.outputs},
                     {"attributes", attributes},
                     {"macs", n.macs}});
  }
  for (const TensorInfo& t : r.tensors) tensors.push_back(to_json(t));
  Json histogram = Json::object(), metadata = Json::object();
  for (const auto& [op, count] : r.histogram) histogram[op] = count;
  for (const auto& [key, text] : r.metadata) metadata[key] = text;
  return {{"file", r.file},
          {"description", r.description},
          {"nodes", nodes},
          {"tensors", tensors},
          {"inputs", r.inputs},
          {"outputs", r.outputs},
          {"totals",
           {{"nodes", r.totals.nodes},
            {"params", r.totals.params},
            {"macs", r.totals.macs},
            {"bytes", r.totals.bytes},
            {"arena_bytes", r.totals.arena_bytes}}},
          {"histogram", histogram},
          {"metadata", metadata},
          {"receipt", receipt_of(r)},
          {"signatures", r.signatures},
          {"subgraphs", r.subgraphs},
          {"remarks", r.remarks}};
}

void print_ends(const InspectReport& r, const char* what, const std::vector<int>& ids) {
  for (const int id : ids) {
    const TensorInfo& t = r.tensors[static_cast<size_t>(id)];
    fmt::print("{:<8} {}  {}{}\n", what, printable(t.name), tensor_text(r, id),
               t.quantization.empty() ? "" : "  real = " + t.quantization);
  }
}

std::string field(const Json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && it != object.end() && it->is_string() ? printable(it->get<std::string>()) : "?";
}

// "resize_identity (exact) RESIZE_BILINEAR "x": 33x33 is gone"; what a verb does not say of its changes is left out.
std::string change_text(const Json& change) {
  const auto part = [&](const char* key, const char* before, const char* after) {
    const std::string text = field(change, key);
    return text.empty() ? text : before + text + after;
  };
  const std::string what =
      part("rewrite", "", "") + part("proof", " (", ")") + part("op", " ", "") + part("node", " \"", "\"");
  return what + part("note", what.empty() ? "" : ": ", "");
}

void print_receipt(const InspectReport& r) {
  for (const Json& step : receipt_of(r)) {
    if (!step.is_object()) continue;
    fmt::print("receipt: {}\n", field(step, "command"));
    if (step.contains("source")) {
      fmt::print("  from {}, SHA-256 {}\n", field(step["source"], "file"), field(step["source"], "sha256"));
    }
    if (!step.contains("rewrites") || !step["rewrites"].is_array()) continue;
    for (const Json& change : step["rewrites"]) {
      fmt::print("  {}\n", change_text(change));
    }
  }
}

void print_text(const InspectReport& r) {
  Table table({{"node", Table::Align::right},
               {"op"},
               {"input"},
               {"output"},
               {"M MACs", Table::Align::right},
               {"options"},
               {"name"}});
  for (const NodeInfo& n : r.nodes) {
    table.add({std::to_string(n.index), n.op, n.inputs.empty() ? "" : tensor_text(r, n.inputs[0]),
               n.outputs.empty() ? "" : tensor_text(r, n.outputs[0]), mega(n.macs), attributes_text(n),
               printable(n.name)});
  }
  fmt::print("{}\n", table.text());
  print_ends(r, "input", r.inputs);
  print_ends(r, "output", r.outputs);
  fmt::print("\n{} nodes, {} parameters, {:.2f} G MACs, file {:.2f} MB, activations at most {:.2f} MB\n",
             r.totals.nodes, with_commas(r.totals.params), static_cast<double>(r.totals.macs) / 1e9,
             static_cast<double>(r.totals.bytes) / 1e6, static_cast<double>(r.totals.arena_bytes) / 1e6);
  std::string ops;
  for (const auto& [op, count] : r.histogram) ops += fmt::format("{}{} {}", ops.empty() ? "" : ", ", count, op);
  fmt::print("{}\n", ops);
  if (r.subgraphs > 1) fmt::print("{} subgraphs; the first is shown\n", r.subgraphs);
  print_receipt(r);
  for (const auto& [key, text] : r.metadata) fmt::print("metadata {}: {}\n", key, text);
  for (const std::string& s : r.signatures) fmt::print("signature {}\n", s);
  for (const std::string& s : r.remarks) fmt::print("remark: {}\n", s);
}

}  // namespace

int inspect(Args& args) {
  InspectOptions o;
  args.positional("MODEL", o.model, "a .tflite")
      .example("monolite inspect deeplab.tflite")
      .example("monolite inspect deeplab.tflite --json | jq .totals");
  if (const auto code = args.parse()) return *code;
  const auto report = monolite::inspect(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(*report);
  }
  return kYes;
}

}  // namespace monolite::cli
