#pragma once
// Filters as symmetric int8: zero point 0, -127..127.

#include <cstdint>
#include <vector>

#include "ir/graph.h"

namespace monolite::quantize {

struct SymmetricFilter {
  std::vector<int8_t> values;
  std::vector<double> scales;  // one an output channel; one for all in FULLY_CONNECTED
  int dimension = 0;           // the axis of the channels
};

// `filter` is a float32 constant, the filter of a node of type `op`. A channel of zeros has scale 1. Where training has
// rounded the filter to multiples of `steps` (one for all channels, or one for each; 0: none), channels that fit keep
// that scale: their values are then exact. `least`, where it is given, holds for each scale the least that it may be,
// so that a bias in steps of it fits; channels of (nearly) zeros then have the scale of others.
SymmetricFilter symmetric_filter(OpCode op, const Tensor& filter, const std::vector<double>& steps = {},
                                 const std::vector<double>& least = {});

// What a tensor's quantization says of it; also of a bias with these scales.
Quantization channel_quantization(const std::vector<double>& scales, int dimension);

}  // namespace monolite::quantize
