// fold_constant
//   match    a node whose inputs are all constant, or whose outputs follow from shapes, and whose outputs are small
//   rewrite  its outputs, computed now by the reference kernel, as constants
//   proof    exact for integers; float results are those of this program's reference kernels. What follows from a shape
//            holds for that shape alone: a model whose inputs' sizes may change has them fixed, which is said.
//   cost     none while running, the constants' bytes in the file
//   for      any target that refuses it
#include <fmt/format.h>

#include <algorithm>

#include "legalize/open_sizes.h"
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

bool is_small(const Site& site, TensorId id) {
  const ops::TensorState& state = site.inference.states[static_cast<size_t>(id)];
  return state.has_shape && state.shape.elements() <= kMostElements && state.shape.elements() > 0;
}

// SHAPE, and what small nodes make of it: the inference had to know these values.
bool is_known_from_shapes(const Site& site) {
  const auto& outputs = site.node().outputs;
  return !outputs.empty() && std::all_of(outputs.begin(), outputs.end(), [&](TensorId id) {
    return site.inference.states[static_cast<size_t>(id)].data != nullptr;
  });
}

void become_constant(const Site& site, TensorId id, const Shape& shape, Buffer data) {
  Tensor& t = site.graph().tensor(id);
  t.data = std::move(data);
  t.shape = shape;
  t.shape_signature.reset();
}

Outcome fold_known(const Site& site) {
  Graph& g = site.graph();
  for (const TensorId id : site.node().outputs) {
    const ops::TensorState& state = site.inference.states[static_cast<size_t>(id)];
    const auto bytes = static_cast<size_t>(state.shape.elements() * size_bytes(g.tensor(id).dtype));
    become_constant(site, id, state.shape, Buffer::copy_of({state.data, bytes}));
  }
  g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(site.index));
  Applied applied{.note = "computed ahead: it follows from the inputs' sizes"};
  applied.interface_change = fix_sizes(g);
  return applied;
}

Outcome fold_constants(const Site& site) {
  const auto values = ops::evaluate(alone(site), {});
  if (!values) return no_match();
  Graph& g = site.graph();
  const Node node = site.node();
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    become_constant(site, node.outputs[i], (*values)[i].shape, (*values)[i].data);
  }
  g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(site.index));
  return Applied{.note = "computed ahead: its inputs are constants"};
}

Outcome apply(const Site& site) {
  const Node& node = site.node();
  const auto is_constant = [&](TensorId id) { return id == kNoTensor || site.tensor(id).is_constant(); };
  const bool from_constants = !node.inputs.empty() && std::all_of(node.inputs.begin(), node.inputs.end(), is_constant);
  if (!from_constants && !is_known_from_shapes(site)) return no_match();
  for (const TensorId id : node.outputs) {
    if (site.graph().is_output(id)) return no_match("an output of the model cannot be a constant");
    if (!is_small(site, id)) return no_match("too large to compute ahead");
  }
  return from_constants ? fold_constants(site) : fold_known(site);
}

}  // namespace

extern const Rewrite fold_constant;
const Rewrite fold_constant{.name = "fold_constant",
                            .summary = "a node of constants, or of shapes, computed ahead",
                            .proof = Proof::exact,
                            .ops = {},
                            .apply = apply};

}  // namespace monolite::legalize
