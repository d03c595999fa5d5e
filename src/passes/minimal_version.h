#pragma once
// Operator versions: a file states for each operator the version of its definition that it needs.

#include "ir/graph.h"

namespace monolite::passes {

// The lowest version that gives `node` its meaning, from its types and options; 0 where this program does not know.
// Source: the versions' descriptions in LiteRT's op_version tables, for the operators of vision models.
int minimal_version(const Graph& graph, const Node& node);

// Sets the version of a node that was made or changed; leaves it where minimal_version() is 0.
void set_minimal_version(const Graph& graph, Node& node);

}  // namespace monolite::passes
