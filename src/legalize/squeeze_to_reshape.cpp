// squeeze_to_reshape
//   match    SQUEEZE or EXPAND_DIMS whose result's shape is known
//   rewrite  RESHAPE to that shape
//   proof    exact: all three leave the elements as they are
//   cost     none
//   for      targets without SQUEEZE or EXPAND_DIMS (XNNPACK, GPU, OpenVINO's plugin)
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match("the result's shape is computed while the graph runs");
  const TensorId in = site.input(0), out = site.output();
  const Shape shape = site.shape(out);
  passes::replace_node(site.graph(), site.index, {reshape(site.graph(), in, out, shape)});
  return Applied{.note = to_string(site.shape(in)) + " -> " + to_string(shape) + " by RESHAPE"};
}

}  // namespace

extern const Rewrite squeeze_to_reshape;
const Rewrite squeeze_to_reshape{.name = "squeeze_to_reshape",
                                 .summary = "SQUEEZE and EXPAND_DIMS as RESHAPE",
                                 .proof = Proof::exact,
                                 .ops = {OpCode::SQUEEZE, OpCode::EXPAND_DIMS},
                                 .apply = apply};

}  // namespace monolite::legalize
