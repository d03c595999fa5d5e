#pragma once
// The arithmetic of ADD and SUB.

#include <cstdint>

#include "base/fixed_point.h"
#include "ops/activation.h"
#include "ops/node_view.h"

namespace monolite::ops {

// a + b or a - b of quantized numbers: both are brought to twice the larger input scale with `left_shift` bits below
// the point, summed, and scaled to the output.
struct QuantizedSum {
  int32_t a_zero_point, b_zero_point, output_zero_point;
  int left_shift;
  Multiplier a_multiplier, b_multiplier, output_multiplier;
  int32_t sign;  // of the second term
  Range<int32_t> range;

  int32_t operator()(int32_t a, int32_t b) const {
    const int32_t a_scaled = multiply(wrapping_shift_left(a - a_zero_point, left_shift), a_multiplier);
    const int32_t b_scaled = multiply(wrapping_shift_left(b - b_zero_point, left_shift), b_multiplier);
    return clamp(multiply(a_scaled + sign * b_scaled, output_multiplier) + output_zero_point, range);
  }
};
QuantizedSum quantized_sum(const NodeView& n, Activation activation, int32_t sign);

// The same for int16 whose scales are powers of two, where at least one input has the output's: only the other is
// scaled.
struct PowerOfTwoSum {
  int a_shift, b_shift;  // to the right
  int32_t sign;
  Range<int32_t> range;

  int32_t operator()(int32_t a, int32_t b) const {
    return clamp(rounding_divide_by_pot(a, a_shift) + sign * rounding_divide_by_pot(b, b_shift), range);
  }
};

// Does an int16 node ask for the second arithmetic, and are its scales powers of two?
bool is_power_of_two_sum(const NodeView& n, bool pot_scale_int16);
// Of a node for which is_power_of_two_sum() holds.
//
// Errors: the inputs' scales are not the output's, or one of them below it.
Expected<PowerOfTwoSum> power_of_two_sum(const NodeView& n, Activation activation, int32_t sign);

// Output 0 = input 0 + sign * input 1, of any of the types that ADD and SUB have.
//
// Errors: those of power_of_two_sum().
Expected<void> reference_sum(const Evaluation& n, Activation activation, bool pot_scale_int16, int32_t sign);

}  // namespace monolite::ops
