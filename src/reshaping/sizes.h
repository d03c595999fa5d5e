#pragma once
// What followed from a map's size follows its new one: pool windows, resize targets, constants of RESHAPE, slices and
// broadcasts, the anchors of a detector.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/infer_shapes.h"
#include "reshaping/grid.h"

namespace monolite::reshaping {

// A graph as it was: its shapes, and where its maps lie on the picture.
struct Before {
  TensorId picture = kNoTensor;  // kNoTensor: only the batch changes
  ops::Inference inference;
  std::vector<Grid> grids;
};

// Makes the constants and options of the first graph fit its new input shapes, strides and dilations. `before` is the
// same graph, node by node, before these were changed. A sentence a change goes to `changes`.
//
// Errors: a node that fits one size only (a fully connected head, a window over a whole map made of weights, a constant
// as large as a map), or a constant whose origin cannot be told.
Expected<void> follow_sizes(Model& model, const Before& before, std::vector<std::string>& changes);

}  // namespace monolite::reshaping
