#pragma once
// From scales to the fixed-point multipliers of convolutions and matrix products.

#include <vector>

#include "base/fixed_point.h"
#include "ops/node_view.h"

namespace monolite::ops {

// The multiplier of each output channel, from accumulator (input scale * filter scale) to output 0:
//   int8, int16 inputs   input * filter[c] / output, in double
//   uint8 inputs         float(input * filter) / output: the product of the scales is rounded to float32 first
// as LiteRT's PopulateConvolutionQuantizationParams has it. `channels` entries, also where the filter has one scale.
std::vector<Multiplier> channel_multipliers(const NodeView& n, int input, int filter, int channels);

}  // namespace monolite::ops
