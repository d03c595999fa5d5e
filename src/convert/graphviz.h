#pragma once
// A model as a drawing.

#include <string>

#include "ir/graph.h"

namespace monolite::conversion {

// The first graph in Graphviz's language: a box a node, an arrow a tensor with its type and shape.
std::string graphviz(const Model& model);

}  // namespace monolite::conversion
