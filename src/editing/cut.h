#pragma once
// A part of a graph as a graph of its own, tensors by their names.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::editing {

// The tensor of the first graph with that name.
//
// Errors: none, or several; the nearest name is offered.
Expected<TensorId> find_tensor(const Model& model, const std::string& name);

// Makes `inputs` the inputs and `outputs` the outputs of the first graph (an empty list: as they are), and drops what
// is not needed any more. Weights and quantization of what stays are untouched.
//
// Errors: a constant as an end; an output that is not computed from the inputs; an input of the model that is still
// needed and not named.
Expected<void> cut(Model& model, const std::vector<TensorId>& inputs, const std::vector<TensorId>& outputs);

// Another name for a tensor.
//
// Errors: no such tensor, or the new name is another's.
Expected<void> rename(Model& model, const std::string& from, const std::string& to);

}  // namespace monolite::editing
