#pragma once
// Constants of the same bytes lie in a file once.

#include "ir/graph.h"

namespace monolite::passes {

// Lets constants with the same bytes, in all graphs, share them. Returns how many bytes that saves in a file.
int64_t share_constants(Model& model);

}  // namespace monolite::passes
