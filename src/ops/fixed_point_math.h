#pragma once
// Functions on fixed-point numbers in int32, with the polynomials and roundings of gemmlowp's fixed-point library,
// which LiteRT's integer softmax, logistic and tanh are defined by. "Qa" is a number with a integer bits and 31 - a
// fractional ones. Source of the constants: mathematics (each is a rounded exp, log or fraction) and
// gemmlowp/fixedpoint.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/fixed_point.h"

namespace monolite::ops {

// Qa * Qb -> Q(a + b).
inline int32_t fixed_product(int32_t a, int32_t b) { return saturating_rounding_doubling_high_mul(a, b); }

// x * 2^exponent with saturation; exponent in [0, 31].
inline int32_t saturating_shift_left(int32_t x, int exponent) {
  const int64_t limit = (int64_t{1} << (31 - exponent)) - 1;
  if (x > limit) return std::numeric_limits<int32_t>::max();
  if (x < -limit) return std::numeric_limits<int32_t>::min();
  return wrapping_shift_left(x, exponent);
}

// exp(x) in Q0 for x in Q0, in [-1/4, 0): Taylor's polynomial of the fourth degree around -1/8.
inline int32_t exp_between_minus_quarter_and_zero(int32_t x) {
  constexpr int32_t kExpOfMinusEighth = 1895147668, kThird = 715827883;
  const int32_t t = x + (1 << 28);
  const int32_t t2 = fixed_product(t, t), t3 = fixed_product(t2, t), t4 = fixed_product(t2, t2);
  const int32_t quarter_t4 = rounding_divide_by_pot(t4, 2);
  const int32_t tail = rounding_divide_by_pot(fixed_product(quarter_t4 + t3, kThird) + t2, 1);
  return kExpOfMinusEighth + fixed_product(kExpOfMinusEighth, t + tail);
}

// exp(x) in Q0 for x <= 0 in Q<kIntegerBits>: the quarter's rest by the polynomial, the bits above it one by one.
template <int kIntegerBits>
int32_t exp_on_negative_values(int32_t x) {
  static_assert(kIntegerBits <= 5);
  constexpr int kFractionalBits = 31 - kIntegerBits;
  constexpr int32_t kQuarter = 1 << (kFractionalBits - 2);
  if (x == 0) return std::numeric_limits<int32_t>::max();
  const int32_t rest = (x & (kQuarter - 1)) - kQuarter;
  int32_t result = exp_between_minus_quarter_and_zero(saturating_shift_left(rest, kIntegerBits));
  const int32_t whole = rest - x;
  // exp(-2^e) for e = -2, -1, …
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  for (int i = 0; i < 7 && i - 2 < kIntegerBits; ++i) {
    if ((whole & (1 << (kFractionalBits + i - 2))) != 0) result = fixed_product(result, kFactors[i]);
  }
  return result;
}

// 1 / (1 + x) in Q0 for x in Q0, in [0, 1): three steps of Newton and Raphson from 48/17 - 32/17 * (1 + x) / 2.
inline int32_t one_over_one_plus(int32_t x) {
  constexpr int32_t k48Over17 = 1515870810, kMinus32Over17 = -1010580540;  // Q2
  const int64_t sum = int64_t{x} + std::numeric_limits<int32_t>::max();
  const auto half_denominator = static_cast<int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  int32_t estimate = k48Over17 + fixed_product(half_denominator, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const int32_t error = (1 << 29) - fixed_product(half_denominator, estimate);
    estimate += saturating_shift_left(fixed_product(estimate, error), 2);
  }
  return saturating_shift_left(estimate, 1);
}

// 1 / x as mantissa (Q0, in [1/2, 1]) * 2^-exponent, for x > 0 with `integer_bits` integer bits (read as unsigned).
struct Reciprocal {
  int32_t mantissa;
  int exponent;
};
inline Reciprocal reciprocal(int32_t x, int integer_bits) {
  const int headroom = std::countl_zero(static_cast<uint32_t>(x));
  const auto minus_one = static_cast<int32_t>((static_cast<uint32_t>(x) << headroom) - (uint32_t{1} << 31));
  return {one_over_one_plus(minus_one), integer_bits - headroom};
}

// 1 / sqrt(x) for an integer x; 0 counts as 1. Five steps of Newton's method from 1, on x / 4^n in [1/4, 1).
inline Multiplier inverse_square_root(int32_t x) {
  if (x <= 1) return {std::numeric_limits<int32_t>::max(), 0};
  int right = 11;
  for (; x >= (1 << 29); x /= 4) ++right;
  const int pairs = (std::countl_zero(static_cast<uint32_t>(x)) - 1) / 2 - 1;
  right -= pairs;
  const int32_t q3 = wrapping_shift_left(x, 2 * pairs) >> 1;
  const int32_t half = rounding_divide_by_pot(q3, 1);
  constexpr int32_t kThreeHalves = (1 << 28) + (1 << 27), kHalfRootOfTwo = 1518500250;
  int32_t root = 1 << 28;
  for (int step = 0; step < 5; ++step) {
    const int32_t cube = saturating_shift_left(fixed_product(fixed_product(root, root), root), 6);
    root = saturating_shift_left(fixed_product(kThreeHalves, root) - fixed_product(half, cube), 3);
  }
  root = fixed_product(root, kHalfRootOfTwo);
  return right < 0 ? Multiplier{wrapping_shift_left(root, -right), 0} : Multiplier{root, -right};
}

inline int32_t saturating_add(int32_t a, int32_t b) {
  const int64_t sum = int64_t{a} + b;
  return static_cast<int32_t>(
      std::clamp<int64_t>(sum, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

// log(x) in Q<kOut> for x >= 1 in Q<kIn>: x = 2^n * r; a rational function of r around sqrt(sqrt(1/2)), plus n *
// log(2). r comes from x or from x * sqrt(1/2), whichever is smaller.
template <int kIn, int kOut>
int32_t log_of_at_least_one(int32_t x) {
  constexpr int kAcc = kOut + 1;
  constexpr int32_t kLog2 = 1488522236, kFourthRootOfHalf = 1805811301, kRootOfHalf = 1518500250;
  constexpr int32_t kNumerator = 117049297, kSquared = 127690142, kConstant = 1057819769, kLinear = 638450708;
  constexpr int32_t kQuarter = 1 << (31 - kAcc - 2);
  const auto shift_any = [](int32_t v, int e) {
    return e >= 0 ? saturating_shift_left(v, e) : rounding_divide_by_pot(v, -e);
  };

  const int headroom_a = std::countl_zero(static_cast<uint32_t>(x));
  const int32_t r_a = saturating_shift_left(fixed_product(shift_any(x, headroom_a - 1), kRootOfHalf), 1);
  const int32_t power_a = saturating_add(saturating_shift_left(kIn - headroom_a, 31 - kAcc), kQuarter);

  const int headroom_b = std::countl_zero(static_cast<uint32_t>(fixed_product(x, kRootOfHalf))) - 1;
  const int32_t r_b = shift_any(x, headroom_b);
  const int32_t power_b = saturating_add(saturating_shift_left(kIn - headroom_b, 31 - kAcc), -kQuarter);

  const int32_t r = std::min(r_a, r_b), power = std::max(power_a, power_b);
  const int64_t sum = int64_t{r} + kFourthRootOfHalf;
  const auto p = static_cast<int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  const int32_t q = 2 * (r - kFourthRootOfHalf);
  const int32_t square = fixed_product(q, q);
  const int32_t numerator = fixed_product(q, r) + fixed_product(fixed_product(q, square), kNumerator);
  const int32_t denominator =
      fixed_product(p, kConstant + q + fixed_product(kSquared, square)) + fixed_product(kLinear, q);
  const int32_t scaled = rounding_divide_by_pot(numerator, kAcc);
  const int32_t log = fixed_product(power, kLog2) + fixed_product(scaled, one_over_one_plus(denominator));
  return saturating_shift_left(log, kAcc - kOut);
}

}  // namespace monolite::ops
