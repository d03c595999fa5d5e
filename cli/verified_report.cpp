#include "verified_report.h"

#include <fmt/format.h>

#include "base/text.h"

namespace monolite::cli {

Json to_json(const Verified& v) {
  Json outputs = Json::array();
  for (const Verified::Output& o : v.outputs) {
    outputs.push_back({{"name", o.name},
                       {"label", o.is_label},
                       {"elements", o.elements},
                       {"differing", o.differing},
                       {"largest_difference", o.largest}});
  }
  return {{"inputs", v.inputs},
          {"backend", v.backend},
          {"why_not", v.why_not},
          {"identical", v.is_identical},
          {"outputs", outputs}};
}

void print_verified(const Verified& v) {
  if (!v.why_not.empty()) fmt::print("not verified: {}\n", v.why_not);
  if (v.inputs.empty()) return;
  fmt::print("verified on {}, {} backend:\n", v.inputs, v.backend);
  for (const Verified::Output& o : v.outputs) {
    const char* what = o.is_label ? "labels changed" : "elements differ";
    fmt::print("  {}: {} of {} {}", o.name, with_commas(o.differing), with_commas(o.elements), what);
    if (o.differing > 0 && !o.is_label) fmt::print(", at most by {:g}", o.largest);
    fmt::print("\n");
  }
}

}  // namespace monolite::cli
