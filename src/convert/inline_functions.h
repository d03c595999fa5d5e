#pragma once
// Function calls -> the nodes of the function.

#include "base/expected.h"
#include "tensorflow/graph.h"

namespace monolite::conversion {

// The graph with every PartitionedCall and StatefulPartitionedCall replaced by its function's nodes, named "CALL/NODE".
//
// Errors: a function that is missing or calls itself, a call with other inputs than the function has, more than a
// million nodes.
Expected<tensorflow::Graph> inline_functions(tensorflow::Graph graph);

}  // namespace monolite::conversion
