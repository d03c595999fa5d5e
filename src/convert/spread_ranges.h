#pragma once
// A range for every activation of a graph that is to be quantized, from those that are known.

#include "convert/quantize.h"

namespace monolite::conversion {

// Adds to `ranges` (trained) those of the inputs' statistics, of what copies or joins values (reshapes, pools, resizes,
// concatenations), default_range and, at last, the ends of activations; says of the latter in the remarks.
//
// Errors: input statistics that make no range; activations without a range, the first ones named, with the ways out.
Expected<Ranges> spread_ranges(Lowered& lowered, Ranges ranges, const QuantizeOptions& options);

}  // namespace monolite::conversion
