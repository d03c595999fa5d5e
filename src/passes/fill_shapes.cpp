#include "passes/fill_shapes.h"

#include "ops/infer_shapes.h"

namespace monolite::passes {

int fill_shapes(Model& model, size_t graph, bool all) {
  const ops::Inference inference = ops::infer_shapes(model, graph);
  Graph& g = model.graphs[graph];
  int changed = 0;
  for (const Node& node : g.nodes) {
    for (const TensorId id : node.outputs) {
      Tensor& t = g.tensor(id);
      const ops::TensorState& state = inference.states[static_cast<size_t>(id)];
      if (!state.has_shape || state.shape == t.shape || (!all && t.shape.rank() > 0)) continue;
      t.shape = state.shape;
      ++changed;
    }
  }
  return changed;
}

}  // namespace monolite::passes
