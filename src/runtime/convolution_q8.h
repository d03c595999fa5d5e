#pragma once
// What the 8-bit convolution steps read off their node.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/fixed_point.h"
#include "kernels/requantize_q8.h"
#include "ops/activation.h"
#include "runtime/planner.h"

namespace monolite::runtime {

// A node with input 0, filter 1 and bias 2, as 8-bit kernels want it: values seen as unsigned (requantize_q8.h).
struct ConvolutionQ8 {
  uint8_t flip;                         // 0x80 for int8
  int32_t input_zero_point;             // unsigned
  uint8_t pad_value;                    // the input's byte for zero
  std::vector<int16_t> weights;         // in the filter's order, less their zero point
  std::vector<int32_t> bias;            // empty: none
  std::vector<Multiplier> multipliers;  // one a channel
  kernels::OutputQ8 output;
};

// `dimension` of the filter is its output channels'. Nothing where the types are others, weights or bias are not known
// ahead.
std::optional<ConvolutionQ8> convolution_q8(const Planner& planner, size_t node, ops::Activation activation,
                                            int dimension);

// Cuts `count` rows into pieces for the threads: some for each, so that a late one delays little, none below `least`.
struct Pieces {
  int64_t count, rows;
};
Pieces pieces_of(int64_t rows, int64_t least_rows, int64_t most_rows, int threads);

}  // namespace monolite::runtime
