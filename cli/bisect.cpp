#include <fmt/format.h>

#include "json.h"
#include "monolite/diff.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

Json to_json(const BisectReport& r) {
  Json first = nullptr;
  if (r.first) {
    first = {{"node_a", r.first->node_a},   {"node_b", r.first->node_b},  {"op", r.first->op},
             {"name", r.first->name},       {"said", r.first->said},      {"element", r.first->element},
             {"value_a", r.first->value_a}, {"value_b", r.first->value_b}};
  }
  return {{"a", r.a}, {"b", r.b}, {"compared", r.compared}, {"first", first}};
}

void print_text(const BisectReport& r) {
  if (!r.first) {
    fmt::print("no tensor parts ({} compared)\n", r.compared);
    return;
  }
  const auto& f = *r.first;
  fmt::print("node {} {} \"{}\"{}\n", f.node_a, f.op, f.name,
             f.node_a == f.node_b ? "" : fmt::format(", node {} of the second", f.node_b));
  fmt::print("  {}\n  element {}: {:.9g} and {:.9g}\n", f.said, f.element, f.value_a, f.value_b);
}

}  // namespace

int bisect(Args& args) {
  BisectOptions o;
  args.positional("A", o.a, "a .tflite")
      .optional_positional("B", o.b, "another; without one, A's reference and fast backends are compared")
      .flags("input", o.inputs, "FILE", "a picture or .npy to run on; one for each input of the model")
      .flag("tolerance", o.tolerance, "PART", "floats agree within this part of the largest (default 1e-5)")
      .note("Exit 0: no tensor parts; 1: one does, and is shown.")
      .example("monolite bisect before.tflite after.tflite --input cat.jpg")
      .example("monolite bisect deeplab.tflite --input cat.jpg");
  if (const auto code = args.parse()) return *code;
  const auto report = monolite::bisect(o);
  if (!report) return args.fail(report.error());
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(*report);
  }
  return report->first ? kNo : kYes;
}

}  // namespace monolite::cli
