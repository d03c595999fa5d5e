// concatenation_scales
//   match    CONCATENATION of uint8 tensors, one of which has another scale or zero point than the output
//   rewrite  QUANTIZE to the output's scale before it
//   proof    exact, or <= 1 LSB: CONCATENATION rescales in float, QUANTIZE in fixed point; all 256 values are compared
//   cost     one element written for each that is rescaled
//   for      targets whose CONCATENATION does not rescale (XNNPACK, NNAPI below 1.2)
#include <fmt/format.h>

#include <map>

#include "legalize/measure.h"
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

Outcome apply(const Site& site) {
  Graph& g = site.graph();
  const TensorId out = site.output();
  if (out == kNoTensor || !site.has_shapes(site.node().inputs.size())) return no_match();
  const Quantization mapping = g.tensor(out).quantization;
  if (g.tensor(out).dtype != DType::uint8 || mapping.scale.size() != 1) return no_match();
  Applied applied;
  std::vector<Node> made;
  std::map<TensorId, TensorId> rescaled;
  Node joined = site.node();
  for (TensorId& id : joined.inputs) {
    const Tensor& from = g.tensor(id);
    if (same_mapping(from.quantization, mapping)) continue;
    if (from.dtype != DType::uint8 || from.quantization.scale.size() != 1) return no_match();
    if (const auto known = rescaled.find(id); known != rescaled.end()) {
      id = known->second;
      continue;
    }
    const TensorId source = id;
    const TensorId to = passes::add_like(g, source, "/rescaled", site.shape(source));
    g.tensor(to).quantization = mapping;
    Node single = joined, change = quantize(g, source, to);
    single.inputs = {source};
    single.outputs = {to};
    single.attributes.set("axis", int64_t{0});
    const auto steps = largest_difference(g, {single}, {change}, source, to);
    if (!steps) return no_match();
    applied.proof = std::max(applied.proof, proof_of(*steps));
    made.push_back(std::move(change));
    rescaled[source] = id = to;
  }
  if (rescaled.empty()) return no_match();
  made.push_back(std::move(joined));
  passes::replace_node(g, site.index, std::move(made));
  applied.note = fmt::format("{} input{} brought to the output's scale before it, all 256 values compared",
                             rescaled.size(), rescaled.size() == 1 ? "" : "s");
  return applied;
}

}  // namespace

extern const Rewrite concatenation_scales;
const Rewrite concatenation_scales{.name = "concatenation_scales",
                                   .summary = "inputs of a concatenation brought to its scale",
                                   .proof = Proof::exact,
                                   .ops = {OpCode::CONCATENATION},
                                   .apply = apply};

}  // namespace monolite::legalize
