#pragma once
// Smaller weights in a float model: computing stays in float.

#include "convert/lowering.h"

namespace monolite::conversion {

// Filters of at least 1024 elements -> int8 with a scale per channel ("dynamic range": kernels quantize their inputs as
// they run). Returns how many.
int quantize_filters(Lowered& lowered);

// Float constants -> float16, each behind a DEQUANTIZE. Returns how many.
int halve_constants(Lowered& lowered);

}  // namespace monolite::conversion
