#pragma once
// Dilations as older converters spell them: SPACE_TO_BATCH_ND, a convolution on the batches, BATCH_TO_SPACE_ND. Their
// paddings are made for one size.

#include <string>
#include <vector>

#include "ir/graph.h"

namespace monolite::reshaping {

// Writes each such three nodes as one convolution with a dilation and SAME padding, where it looks at the same
// elements. A sentence a change goes to `changes`.
void write_dilations(Model& model, std::vector<std::string>& changes);

}  // namespace monolite::reshaping
