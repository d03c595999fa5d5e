#pragma once
// Dead code: nodes that nothing depends on, tensors that nothing names.

#include "ir/graph.h"

namespace monolite::passes {

// Removes nodes none of whose outputs is read by a living node or is an output of the graph. Nodes with effects of
// their own stay: control flow, variables, unknown operators. Returns how many went.
int remove_dead_nodes(Model& model, size_t graph = 0);

// Removes tensors that no node, no input, no output and no signature names, and renumbers the others. A model with
// quantization details that name tensors by index keeps all. Returns how many went.
int remove_unused_tensors(Model& model, size_t graph = 0);

}  // namespace monolite::passes
