#pragma once
// 1 / x in fixed point by Newton's method: the division of TensorFlow Lite's integer kernels.

#include <bit>
#include <cstdint>

#include "base/fixed_point.h"

namespace monolite::ops {

// 1 / x = mantissa / 2^31 / 2^shift.
struct Reciprocal {
  int32_t mantissa;
  int shift;
};

// x * 2^exponent, saturating symmetrically as gemmlowp does.
inline int32_t saturating_shift_left(int32_t x, int exponent) {
  const int32_t most = (int32_t{1} << (31 - exponent)) - 1;
  if (x > most) return std::numeric_limits<int32_t>::max();
  if (x < -most) return std::numeric_limits<int32_t>::min();
  return wrapping_shift_left(x, exponent);
}

// x > 0 with `integer_bits` bits before the binary point.
inline Reciprocal reciprocal(int32_t x, int integer_bits) {
  const int leading_zeros = std::countl_zero(static_cast<uint32_t>(x));
  // x scaled to 1 + fraction; half of it starts the iteration, in steps of 2^-31.
  const uint32_t fraction = (static_cast<uint32_t>(x) << leading_zeros) - (uint32_t{1} << 31);
  const int64_t twice_half = int64_t{fraction} + std::numeric_limits<int32_t>::max();
  const auto half = static_cast<int32_t>((twice_half + 1) / 2);
  // The estimate has 2 bits before its point: 48/17 - 32/17 * half, then three rounds of y += y * (1 - half * y).
  constexpr int32_t k48_over_17 = 1515870810, k_minus_32_over_17 = -1010580540, k_one = 1 << 29;
  int32_t y = k48_over_17 + saturating_rounding_doubling_high_mul(half, k_minus_32_over_17);
  for (int round = 0; round < 3; ++round) {
    const int32_t error = k_one - saturating_rounding_doubling_high_mul(half, y);
    y += saturating_shift_left(saturating_rounding_doubling_high_mul(y, error), 2);
  }
  return {saturating_shift_left(y, 1), integer_bits - leading_zeros};
}

}  // namespace monolite::ops
