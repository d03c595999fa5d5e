#pragma once
// fixed_point_math.h's exponential and reciprocal on int16, and what LSTM cells make of them: logistic and tanh. "Qa"
// has a integer bits and 15 - a fractional ones. The constants are the 32-bit ones, rounded to their upper half.

#include <algorithm>
#include <cstdint>

#include "base/fixed_point.h"

namespace monolite::ops::q16 {

inline int16_t upper_half(int32_t constant) { return static_cast<int16_t>(rounding_divide_by_pot(constant, 16)); }
inline int16_t product(int16_t a, int16_t b) { return saturating_rounding_doubling_high_mul(a, b); }
inline int16_t saturate(int32_t x) { return static_cast<int16_t>(std::clamp(x, -32768, 32767)); }

// x * 2^exponent with saturation.
inline int16_t shift_left(int16_t x, int exponent) {
  const int32_t limit = (1 << (15 - exponent)) - 1;
  return x > limit ? int16_t{32767} : x < -limit ? int16_t{-32768} : static_cast<int16_t>(x * (1 << exponent));
}
inline int16_t shift_right(int16_t x, int exponent) {
  return static_cast<int16_t>(rounding_divide_by_pot(x, exponent));
}

inline int16_t exp_between_minus_quarter_and_zero(int16_t x) {
  const int16_t exp_of_minus_eighth = upper_half(1895147668), third = upper_half(715827883);
  const auto t = static_cast<int16_t>(x + (1 << 12));
  const int16_t t2 = product(t, t), t3 = product(t2, t), t4 = product(t2, t2);
  const auto cubic = static_cast<int16_t>(shift_right(t4, 2) + t3);
  const int16_t tail = shift_right(static_cast<int16_t>(product(cubic, third) + t2), 1);
  return saturate(exp_of_minus_eighth + product(exp_of_minus_eighth, static_cast<int16_t>(t + tail)));
}

// exp(x) in Q0 for x <= 0 in Q<integer_bits>, integer_bits up to 7.
inline int16_t exp_on_negative_values(int16_t x, int integer_bits) {
  const int fractional_bits = 15 - integer_bits;
  const int32_t quarter = 1 << (fractional_bits - 2);
  if (x == 0) return 32767;
  if (integer_bits > 5 && x < -(32 << fractional_bits)) return 0;
  const int32_t rest = (x & (quarter - 1)) - quarter;
  int16_t result = exp_between_minus_quarter_and_zero(shift_left(static_cast<int16_t>(rest), integer_bits));
  const int32_t whole = rest - x;
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  for (int i = 0; i < 7 && i - 2 < integer_bits; ++i) {
    if ((whole & (1 << (fractional_bits + i - 2))) != 0) result = product(result, upper_half(kFactors[i]));
  }
  return result;
}

// 2 / (1 + x) in Q2 for x in Q0, in [0, 1).
inline int16_t reciprocal_of_half_denominator(int16_t x) {
  const int16_t k48_over_17 = upper_half(1515870810), minus_32_over_17 = upper_half(-1010580540);
  const int32_t sum = int32_t{x} + 32767;
  const auto half_denominator = static_cast<int16_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  auto estimate = static_cast<int16_t>(k48_over_17 + product(half_denominator, minus_32_over_17));
  for (int step = 0; step < 3; ++step) {
    const auto error = static_cast<int16_t>((1 << 13) - product(half_denominator, estimate));
    estimate = static_cast<int16_t>(estimate + shift_left(product(estimate, error), 2));
  }
  return estimate;
}

// 1 / (1 + exp(-x)) in Q0, for x in Q3.
inline int16_t logistic(int16_t x) {
  if (x == 0) return 1 << 14;
  const int16_t minus_abs = x > 0 ? static_cast<int16_t>(-x) : x;
  const int16_t positive = shift_left(reciprocal_of_half_denominator(exp_on_negative_values(minus_abs, 3)), 1);
  return x > 0 ? positive : static_cast<int16_t>(32767 - positive);
}

// tanh(x) in Q0, for x in Q<integer_bits>, integer_bits in [0, 6].
inline int16_t tanh(int16_t x, int integer_bits) {
  if (x == 0) return 0;
  const int16_t minus_abs = x > 0 ? static_cast<int16_t>(-x) : x;
  const int16_t e = exp_on_negative_values(minus_abs, integer_bits + 1);  // exp(-2 |x|)
  const int16_t t = shift_left(static_cast<int16_t>(reciprocal_of_half_denominator(e) - (1 << 13)), 2);
  return x > 0 ? t : static_cast<int16_t>(-t);
}

}  // namespace monolite::ops::q16
