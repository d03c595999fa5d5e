// constant_operand
//   match    a node some of whose integer inputs are computed, but follow from shapes or constants alone
//   rewrite  these inputs as constants; what computed them goes where nobody else reads it
//   proof    exact. What follows from a shape holds for that shape alone: a model whose inputs' sizes may change has
//            them fixed, which is said.
//   cost     none
//   for      targets that want a constant there, and would take what computes it (VX: the new shape of a RESHAPE)
#include <fmt/format.h>

#include "legalize/open_sizes.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr int64_t kMostElements = 1024;

bool is_known(const Site& site, TensorId id) {
  if (id == kNoTensor || site.tensor(id).is_constant()) return false;
  const ops::TensorState& state = site.inference.states[static_cast<size_t>(id)];
  const DType dtype = site.tensor(id).dtype;
  return state.has_shape && state.data != nullptr && (dtype == DType::int32 || dtype == DType::int64) &&
         state.shape.elements() > 0 && state.shape.elements() <= kMostElements;
}

Outcome apply(const Site& site) {
  Graph& g = site.graph();
  int made = 0;
  for (size_t i = 0; i < site.node().inputs.size(); ++i) {
    const TensorId id = site.input(i);
    if (!is_known(site, id)) continue;
    const ops::TensorState& state = site.inference.states[static_cast<size_t>(id)];
    const Tensor t = g.tensor(id);
    const auto bytes = static_cast<size_t>(state.shape.elements() * size_bytes(t.dtype));
    const TensorId constant = passes::add_constant(g, passes::fresh_name(g, t.name + "/known"), t.dtype, state.shape,
                                                   Buffer::copy_of({state.data, bytes}), t.quantization);
    g.nodes[site.index].inputs[i] = constant;
    ++made;
  }
  if (made == 0) return no_match();
  Applied applied{.note = fmt::format("{} computed ahead: {} from the inputs' sizes",
                                      made == 1 ? "an input" : fmt::format("{} inputs", made),
                                      made == 1 ? "it follows" : "they follow")};
  applied.interface_change = fix_sizes(g);
  return applied;
}

}  // namespace

extern const Rewrite constant_operand;
const Rewrite constant_operand{.name = "constant_operand",
                               .summary = "an input that follows from shapes, as a constant",
                               .proof = Proof::exact,
                               .ops = {},
                               .apply = apply};

}  // namespace monolite::legalize
