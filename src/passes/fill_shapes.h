#pragma once
// Shapes that a file leaves out.

#include "ir/graph.h"

namespace monolite::passes {

// Writes the inferred shape into each computed tensor of rank 0 that the file gives no shape, where its real rank is
// higher; with `all`, into every tensor whose stated shape is another. Returns how many changed.
int fill_shapes(Model& model, size_t graph = 0, bool all = false);

}  // namespace monolite::passes
