#pragma once
// Variables -> constants.

#include "base/expected.h"
#include "tensorflow/checkpoint.h"
#include "tensorflow/saved_model.h"

namespace monolite::conversion {

// The graph with each variable of graph mode (VariableV2) and each read of a resource variable replaced by its value.
//
// Errors: a variable that the checkpoint lacks, or has in another shape.
Expected<tensorflow::Graph> freeze(tensorflow::Graph graph, const tensorflow::Checkpoint& variables);

// A SavedModel's graph, frozen where it has variables.
Expected<tensorflow::Graph> freeze(tensorflow::SavedModel model);

}  // namespace monolite::conversion
