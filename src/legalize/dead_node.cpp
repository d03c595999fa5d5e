// dead_node
//   match    a node that no output of the model depends on
//   rewrite  nothing
//   proof    exact
//   cost     none
//   for      any target that refuses it
#include <algorithm>

#include "legalize/rewrite.h"
#include "passes/remove_dead.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  const Node& node = site.node();
  const auto is_used = [&](TensorId id) { return site.graph().is_output(id) || !site.graph().consumers(id).empty(); };
  if (std::any_of(node.outputs.begin(), node.outputs.end(), is_used)) return no_match();
  if (passes::remove_dead_nodes(site.model) == 0) return no_match();
  return Applied{.note = "gone: no output depends on it"};
}

}  // namespace

extern const Rewrite dead_node;
const Rewrite dead_node{.name = "dead_node",
                        .summary = "a node that no output depends on goes",
                        .proof = Proof::exact,
                        .ops = {},
                        .apply = apply};

}  // namespace monolite::legalize
