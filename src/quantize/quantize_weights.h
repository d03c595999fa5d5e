#pragma once
// Smaller weights in a float model: computing stays in float.

#include "ir/graph.h"

namespace monolite::quantize {

// Filters of at least 1024 elements -> int8 with a scale per channel ("dynamic range": kernels quantize their inputs as
// they run). Returns how many.
int quantize_filters(Graph& graph);

// Float constants -> float16, each behind a DEQUANTIZE. Returns how many.
int halve_constants(Graph& graph);

}  // namespace monolite::quantize
