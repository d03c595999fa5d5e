// argmax_int32
//   match    ARG_MAX or ARG_MIN that gives int64
//   rewrite  the same giving int32; where int64 is still wanted, one CAST behind it
//   proof    exact: an index is below 2^31, both types hold it
//   cost     none
//   for      targets without int64 (NNAPI, VX, most NPUs)
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  Graph& g = site.graph();
  const TensorId out = site.output();
  if (out == kNoTensor || site.tensor(out).dtype != DType::int64) return no_match();
  const bool is_output = g.is_output(out);
  const bool needs_cast = !g.consumers(out).empty() || (is_output && site.keep_io);
  Node node = site.node();
  node.attributes.set("output_type", static_cast<int64_t>(DType::int32));
  Applied applied{.note = "int64 -> int32"};
  if (!needs_cast) {
    g.tensor(out).dtype = DType::int32;
    g.nodes[site.index] = std::move(node);
    if (is_output) applied.interface_change = "output \"" + g.tensor(out).name + "\" is int32, was int64";
    return applied;
  }
  const TensorId narrow = passes::add_like(g, out, "_int32", g.tensor(out).shape);
  g.tensor(narrow).dtype = DType::int32;
  node.outputs = {narrow};
  Node back = cast(g, narrow, out);
  passes::replace_node(g, site.index, {std::move(node), std::move(back)});
  applied.note += ", and a CAST back behind it";
  return applied;
}

}  // namespace

extern const Rewrite argmax_int32;
const Rewrite argmax_int32{.name = "argmax_int32",
                           .summary = "an index as int32 instead of int64",
                           .proof = Proof::exact,
                           .ops = {OpCode::ARG_MAX, OpCode::ARG_MIN},
                           .apply = apply};

}  // namespace monolite::legalize
