#pragma once
// The fixed-point sigmoid of LOGISTIC and TANH on int16: a table of 256 points, and how inputs reach it.

#include <array>
#include <cstdint>

#include "ops/node_view.h"

namespace monolite::ops {

// sigmoid(i / 24) in steps of 1/65536.
const std::array<uint16_t, 256>& sigmoid_table();

// From an int16 input to steps of 1/12288 (the range +-10.7 becomes +-2^17): (value * multiplier + half) >>
// right_shift.
struct SigmoidInput {
  int32_t multiplier = 0;
  int right_shift = 0;

  int32_t operator()(int16_t value) const {
    const int32_t half = right_shift > 0 ? 1 << (right_shift - 1) : 0;
    return (value * multiplier + half) >> right_shift;
  }
};

// For input 0. Scales 2^-12, and up to 2^(most_exponent - 12), have an exact multiplier; others one of up to 15 bits.
SigmoidInput sigmoid_input(const NodeView& n, int most_exponent);

// int16 input and output; the output's scale is 2^-15 (to within LiteRT's tolerance where `exact` is not set).
Expected<void> expect_sigmoid_scales(const NodeView& n, bool exact);

}  // namespace monolite::ops
