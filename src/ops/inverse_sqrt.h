#pragma once
// 1 / sqrt(x) in fixed point by Newton's method, as TensorFlow Lite's integer kernels compute it.

#include <bit>
#include <cstdint>

#include "base/fixed_point.h"
#include "ops/reciprocal.h"

namespace monolite::ops {

// 1 / sqrt(x) for x >= 0; 0 counts as 1.
inline Multiplier inverse_sqrt(int32_t x) {
  if (x <= 1) return {std::numeric_limits<int32_t>::max(), 0};
  int right_shift = 11;
  for (; x >= (1 << 29); ++right_shift) x /= 4;
  // Shifted by pairs of bits into [2^27, 2^29): a number in [1/4, 1) with 3 bits before its point after halving.
  const int pairs = (std::countl_zero(static_cast<uint32_t>(x)) - 1) / 2 - 1;
  right_shift -= pairs;
  const int32_t number = (x << (2 * pairs)) >> 1;
  const int32_t half = rounding_divide_by_pot(number, 1);
  constexpr int32_t k_one = 1 << 28, k_three_halves = (1 << 28) + (1 << 27), k_half_sqrt_2 = 1518500250;
  const auto times = [](int32_t a, int32_t b) { return saturating_rounding_doubling_high_mul(a, b); };
  int32_t y = k_one;  // y = y * (3/2 - x/2 * y^2), five times
  for (int round = 0; round < 5; ++round) {
    const int32_t cube = saturating_shift_left(times(times(y, y), y), 6);
    y = saturating_shift_left(times(k_three_halves, y) - times(half, cube), 3);
  }
  y = times(y, k_half_sqrt_2);
  if (right_shift < 0) return {wrapping_shift_left(y, -right_shift), 0};
  return {y, -right_shift};
}

}  // namespace monolite::ops
