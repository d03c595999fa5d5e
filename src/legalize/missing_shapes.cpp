// missing_shapes
//   match    a node one of whose tensors has no shape in the file though it can be inferred
//   rewrite  the inferred shapes are written into the file, for all nodes
//   proof    exact: the runtime finds the same shapes
//   cost     none
//   for      targets that judge the file's shapes (XNNPACK), and compilers that infer none (Vela)
#include <fmt/format.h>

#include <algorithm>

#include "legalize/rewrite.h"
#include "passes/fill_shapes.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  const auto is_open = [&](TensorId id) {
    return id != kNoTensor && site.tensor(id).shape.rank() == 0 && !site.tensor(id).is_constant();
  };
  const Node& node = site.node();
  if (std::none_of(node.inputs.begin(), node.inputs.end(), is_open) &&
      std::none_of(node.outputs.begin(), node.outputs.end(), is_open)) {
    return no_match();
  }
  const int filled = passes::fill_shapes(site.model);
  if (filled == 0) return no_match("the shapes are computed while the graph runs");
  return Applied{.note = fmt::format("{} tensors have got the shapes that the file leaves out", filled)};
}

}  // namespace

extern const Rewrite missing_shapes;
const Rewrite missing_shapes{.name = "missing_shapes",
                             .summary = "shapes that the file leaves out, filled in",
                             .proof = Proof::exact,
                             .ops = {},
                             .apply = apply};

}  // namespace monolite::legalize
