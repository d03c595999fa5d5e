#pragma once
// Shapes of a whole graph, found by running each op's `infer` in order.

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Verifies a node and infers its outputs' shapes; every one is valid and of at most kMostTensorBytes.
//
// Errors: the op is not known here; what its `verify` or `infer` says.
Expected<Shapes> infer_node(const NodeView& node);

struct Inference {
  std::vector<TensorState> states;                   // one a tensor; has_shape false: known only while running
  std::vector<std::optional<Error>> node_errors;     // one a node: why it could not be inferred
  std::vector<std::unique_ptr<std::byte[]>> folded;  // memory behind states' values

  // The first of node_errors.
  Expected<void> result() const;
};

// Infers all shapes of a graph. Inputs have the shapes of `input_shapes`, or the file's. Where values decide about
// shapes (SHAPE, PACK, … before a RESHAPE) small nodes are computed ahead. Nodes behind a faulty or unknown one stay
// open.
Inference infer_shapes(const Model& model, size_t graph = 0, const std::map<TensorId, Shape>& input_shapes = {});

// Of a model whose first graph was rewritten.
//
// Errors: a node of `changed` cannot be inferred, though all of `original` can.
Expected<void> still_infers(const Model& original, const Model& changed);

}  // namespace monolite::ops
