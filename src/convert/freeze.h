#pragma once
// Variables -> constants.

#include "base/expected.h"
#include "tensorflow/checkpoint.h"
#include "tensorflow/saved_model.h"

namespace monolite::conversion {

// The graph with each variable of graph mode (VariableV2) and each read of a resource variable replaced by its value.
// `keys` gives a variable's key in the checkpoint where it is not its name. What the checkpoint lacks stays a variable.
//
// Errors: a damaged checkpoint.
Expected<tensorflow::Graph> freeze(tensorflow::Graph graph, const tensorflow::Checkpoint& variables,
                                   const std::map<std::string, std::string>& keys = {});

// A SavedModel's graph with its functions in place, frozen where it has variables.
Expected<tensorflow::Graph> freeze(tensorflow::SavedModel model);

}  // namespace monolite::conversion
