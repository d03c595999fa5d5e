#pragma once
// Models that are small enough to be worked on some hundred times a second.

#include <cstdint>

#include "ops/infer_shapes.h"
#include "ops/work.h"

namespace monolite::fuzz {

struct Most {
  size_t nodes = 8;
  int64_t elements = 1 << 15, work = 1 << 22;  // of a tensor; of a node
};

// Every shape of the first graph is known, no node is faulty, and nothing is larger than `most`.
inline bool is_small(const Model& model, const Most& most = {}) {
  const Graph& g = model.main();
  if (g.nodes.size() > most.nodes) return false;
  const ops::Inference inference = ops::infer_shapes(model);
  for (const ops::TensorState& s : inference.states) {
    if (!s.has_shape || s.shape.checked_elements().value_or(most.elements + 1) > most.elements) return false;
  }
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    if (inference.node_errors[i]) return false;
    if (ops::work(ops::NodeView(model, 0, i, inference.states)) > most.work) return false;
  }
  return true;
}

}  // namespace monolite::fuzz
