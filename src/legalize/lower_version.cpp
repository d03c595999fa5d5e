// lower_version
//   match    a node whose stated version is above what its types and options need
//   rewrite  the lowest version that means the same
//   proof    exact: an operator's version says which of its abilities are used, not how it computes
//   cost     none
//   for      targets that limit versions
#include <fmt/format.h>

#include "legalize/rewrite.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  Node& node = site.graph().nodes[site.index];
  const int lowest = passes::minimal_version(site.graph(), node);
  if (lowest == 0 || lowest >= node.version) return no_match();
  const int was = std::exchange(node.version, lowest);
  return Applied{.note = fmt::format("version {} -> {}", was, lowest)};
}

}  // namespace

extern const Rewrite lower_version;
const Rewrite lower_version{.name = "lower_version",
                            .summary = "the lowest version that means the same",
                            .proof = Proof::exact,
                            .ops = {},
                            .apply = apply};

}  // namespace monolite::legalize
