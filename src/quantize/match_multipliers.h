#pragma once
// Convolutions that were uint8 keep their results bit for bit.

#include "ir/graph.h"

namespace monolite::quantize {

struct MatchedMultipliers {
  int matched = 0, unmatched = 0;   // convolutions
  double largest_scale_change = 0;  // of a tensor inside, relative
};

// Between accumulator and output stands in_scale * filter_scale / out_scale, in 31 bits. TensorFlow Lite's uint8
// kernels round the product to float32 first, its int8 kernels do not: a few outputs in a million differ by a step, and
// a deep net makes many of these. This moves the scales of filters, and of tensors that only convolutions read and
// write, by float32's last bits until the int8 kernel comes to the uint8 kernel's 31 bits, and XNNPACK's float32
// quotient to the same as well where that can be had. No integer changes: the reals that those inside stand for do, by
// `largest_scale_change`. All that is seen from outside, and what other ops compute with, keeps its scale.
//
// `graph` is int8 already, with the uint8 model's scales. CONV_2D and DEPTHWISE_CONV_2D with one scale per filter are
// tried. Ends after a bounded search: what was not found stays as it was.
MatchedMultipliers match_multipliers(Graph& graph);

}  // namespace monolite::quantize
