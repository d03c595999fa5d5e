#pragma once
// MEAN: the mean over the dimensions that input 1 names.

#include <cstdint>

#include "base/fixed_point.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Of 8 and 16-bit numbers: what the sum of `elements` of them, each less its zero point, is multiplied by.
Multiplier mean_multiplier(const NodeView& n, int64_t elements);

}  // namespace monolite::ops
