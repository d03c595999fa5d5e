#pragma once
// Output stride by moving strides into dilations and back: the weights stay.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::reshaping {

// One step: doubles or halves the output stride of the first graph, towards `wanted`: how many pixels of the picture
// `input` one pixel of the coarsest map stands for. Shapes and constants that followed from sizes are out of date
// afterwards (sizes.h). A sentence a change goes to `changes`. Nothing happens where the graph has what is wanted.
//
// Errors: `wanted` is no power of two apart from what the graph has; there is no stride left to take out, or no place
// that a stride was taken out of.
Expected<void> step_output_stride(Model& model, TensorId input, int64_t wanted, std::vector<std::string>& changes);

}  // namespace monolite::reshaping
