#include "monolite/diff.h"

#include <fmt/format.h>

#include "json.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

constexpr size_t kMostLines = 40;  // of changes; --json and --verbose have them all

Json to_json(const DiffReport& r) {
  Json changes = Json::array(), outputs = Json::array();
  for (const auto& c : r.changes) {
    changes.push_back({{"kind", c.kind},
                       {"node_a", c.node_a},
                       {"node_b", c.node_b},
                       {"op", c.op},
                       {"name", c.name},
                       {"what", c.what}});
  }
  for (const auto& o : r.outputs) {
    outputs.push_back({{"name", o.name},
                       {"input", o.input},
                       {"elements", o.elements},
                       {"differing", o.differing},
                       {"max", o.max},
                       {"mean", o.mean},
                       {"agrees", o.agrees},
                       {"said", o.said}});
  }
  return {{"a", r.a},
          {"b", r.b},
          {"agrees", r.agrees()},
          {"nodes_a", r.nodes_a},
          {"nodes_b", r.nodes_b},
          {"same_nodes", r.same_nodes},
          {"weights_equal", r.weights_equal},
          {"weights_different", r.weights_different},
          {"changes", changes},
          {"outputs", outputs}};
}

void print_change(const DiffReport::Change& c) {
  const char sign = c.kind == "added" ? '+' : c.kind == "removed" ? '-' : '~';
  const int node = c.node_a >= 0 ? c.node_a : c.node_b;
  fmt::print("{} node {} {} \"{}\"{}{}\n", sign, node, c.op, c.name, c.what.empty() ? "" : ": ",
             fmt::join(c.what, "; "));
}

void print_text(const Args& args, const DiffReport& r) {
  if (r.nodes_a + r.nodes_b > 0) {
    for (size_t i = 0; i < r.changes.size(); ++i) {
      if (i == kMostLines && !args.verbose()) {
        fmt::print("… and {} more; --verbose shows them\n", r.changes.size() - i);
        break;
      }
      print_change(r.changes[i]);
    }
    if (r.is_graph) {
      fmt::print("{} of {} nodes have a name of the graph's {}\n", r.same_nodes, r.nodes_a, r.nodes_b);
    } else {
      fmt::print("{} and {} nodes, {} the same; constants: {} equal, {} different\n", r.nodes_a, r.nodes_b,
                 r.same_nodes, r.weights_equal, r.weights_different);
    }
  }
  for (const auto& o : r.outputs) fmt::print("{} on {}: {}\n", o.name, o.input, o.said);
}

}  // namespace

int diff(Args& args) {
  DiffOptions o;
  args.positional("A", o.a, "a .tflite")
      .optional_positional("B", o.b, "another, or the frozen graph (.pb) that it was made of")
      .flags("input", o.inputs, "FILE", "a picture or .npy to run both on; may be repeated")
      .flag("outputs", o.outputs, "FILE|DIR",
            "instead of B what a device gave: .npy, PNG of labels, raw bytes, a folder")
      .flag("picture", o.picture, "OUT.png", "white where the first output differs")
      .flag("tolerance", o.tolerance, "PART", "floats agree within this part of the largest (default 0)")
      .note("Exit 0: the outputs agree (without --input: nothing differs); 1: they don't.")
      .example("monolite diff before.tflite after.tflite")
      .example("monolite diff before.tflite after.tflite --input cat.jpg --picture where.png")
      .example("monolite diff deeplab.tflite frozen_inference_graph.pb --input cat.jpg")
      .example("monolite diff deeplab.tflite --outputs device.bin --input cat.jpg");
  if (const auto code = args.parse()) return *code;
  const auto report = monolite::diff(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(args, *report);
  }
  return report->agrees() ? kYes : kNo;
}

}  // namespace monolite::cli
