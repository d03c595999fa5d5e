// fold_constant
//   match    a node whose inputs are all constant and whose outputs are small
//   rewrite  its outputs, computed now by the reference kernel, as constants
//   proof    exact for integers; float results are those of this program's reference kernels
//   cost     none while running, the constants' bytes in the file
//   for      any target that refuses it
#include <fmt/format.h>

#include <algorithm>

#include "legalize/rewrite.h"
#include "ops/evaluate.h"

namespace monolite::legalize {
namespace {

constexpr int64_t kMostElements = 1 << 20;

// A model that holds the node alone.
Model alone(const Site& site) {
  Model model;
  model.graphs.resize(1);
  Graph& g = model.main();
  g.tensors = site.graph().tensors;
  g.nodes = {site.node()};
  g.outputs = site.node().outputs;
  return model;
}

Outcome apply(const Site& site) {
  Graph& g = site.graph();
  const Node& node = site.node();
  const auto is_constant = [&](TensorId id) { return id == kNoTensor || site.tensor(id).is_constant(); };
  if (node.inputs.empty() || !std::all_of(node.inputs.begin(), node.inputs.end(), is_constant)) return no_match();
  for (const TensorId id : node.outputs) {
    if (g.is_output(id)) return no_match("an output of the model cannot be a constant");
    const ops::TensorState& state = site.inference.states[static_cast<size_t>(id)];
    if (!state.has_shape || state.shape.elements() > kMostElements || state.shape.elements() == 0) {
      return no_match("too large to compute ahead");
    }
  }
  const auto values = ops::evaluate(alone(site), {});
  if (!values) return no_match();
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    Tensor& t = g.tensor(node.outputs[i]);
    t.data = (*values)[i].data;
    t.shape = (*values)[i].shape;
  }
  g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(site.index));
  return Applied{.note = "computed ahead: its inputs are constants"};
}

}  // namespace

extern const Rewrite fold_constant;
const Rewrite fold_constant{.name = "fold_constant",
                            .summary = "a node of constants, computed ahead",
                            .proof = Proof::exact,
                            .ops = {},
                            .apply = apply};

}  // namespace monolite::legalize
