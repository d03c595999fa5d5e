#pragma once
// Inputs whose sizes the file leaves open (-1): a rewrite that relies on the size written beside it fixes them.

#include <string>

#include "ir/graph.h"

namespace monolite::legalize {

// All sizes stay as they stand in the file. Returns what the model's user sees of that; "" where none was open.
std::string fix_sizes(Graph& graph);

}  // namespace monolite::legalize
