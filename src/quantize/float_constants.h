#pragma once
// Float models whose constants are stored smaller: as float16, or as int8 filters.

#include "ir/graph.h"

namespace monolite::quantize {

// Constants behind a DEQUANTIZE, and quantized filters of nodes that compute in float32, become float32 constants with
// the same reals. Returns how many.
int float_constants(Model& model);

}  // namespace monolite::quantize
