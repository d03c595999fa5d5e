#pragma once
// GraphDef files <-> Graph.

#include <string>
#include <vector>

#include "base/expected.h"
#include "tensorflow/graph.h"

namespace monolite::tensorflow {

// Reads a GraphDef, binary (.pb) or text (.pbtxt): which of them is seen from the content. Constants that the file
// holds as bytes are not copied.
//
// Errors: missing, no GraphDef, a constant whose values do not fit its shape, more than 1 GiB of constants that the
// file abbreviates (one value for all elements).
Expected<Graph> read_graph_def(const std::string& path);

// The same for bytes in memory. `name` stands in messages.
Expected<Graph> parse_graph_def(const Buffer& bytes, const std::string& name);

// The bytes of a binary GraphDef; the same graph always gives the same bytes.
//
// Errors: more than 2 GiB.
Expected<std::vector<std::byte>> serialize_graph_def(const Graph& graph);

// The text form.
Expected<std::string> print_graph_def(const Graph& graph);

}  // namespace monolite::tensorflow
