#pragma once
// The fixed-point arithmetic of TensorFlow Lite's integer kernels (gemmlowp's, with two roundings), on plain numbers.
// Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"
// (arXiv:1712.05877), 2.2 and appendix B. Header-only and free of library calls but <cmath>, so kernels may use it.

#include <cmath>
#include <cstdint>
#include <limits>

namespace monolite {

// A real multiplier as mantissa * 2^(shift - 31); mantissa in [2^30, 2^31), or 0.
struct Multiplier {
  int32_t mantissa = 0;
  int shift = 0;
};

// The nearest Multiplier. 0 gives {0, 0}; anything below 2^-32 gives 0 as well.
inline Multiplier quantize_multiplier(double real) {
  if (real == 0.0 || !std::isfinite(real)) return {};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  int64_t mantissa = std::llround(fraction * 2147483648.0);
  if (mantissa == (int64_t{1} << 31)) {
    mantissa /= 2;
    ++shift;
  }
  if (shift < -31) return {0, 0};
  if (shift > 30) return {std::numeric_limits<int32_t>::max(), 30};
  return {static_cast<int32_t>(mantissa), shift};
}

// a * b / 2^31, rounded to nearest, halves up (towards +infinity); saturates at the one overflow.
inline int32_t saturating_rounding_doubling_high_mul(int32_t a, int32_t b) {
  if (a == b && a == std::numeric_limits<int32_t>::min()) return std::numeric_limits<int32_t>::max();
  const int64_t product = int64_t{a} * b;
  const int64_t nudge = product >= 0 ? (int64_t{1} << 30) : 1 - (int64_t{1} << 30);
  return static_cast<int32_t>((product + nudge) / (int64_t{1} << 31));
}

// The same on 16 bits: a * b / 2^15.
inline int16_t saturating_rounding_doubling_high_mul(int16_t a, int16_t b) {
  if (a == b && a == std::numeric_limits<int16_t>::min()) return std::numeric_limits<int16_t>::max();
  const int32_t product = int32_t{a} * b;
  const int32_t nudge = product >= 0 ? (1 << 14) : 1 - (1 << 14);
  return static_cast<int16_t>((product + nudge) / (1 << 15));
}

// x / 2^exponent, rounded half away from zero. exponent in [0, 31].
inline int32_t rounding_divide_by_pot(int32_t x, int exponent) {
  const int32_t mask = static_cast<int32_t>((int64_t{1} << exponent) - 1);
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

// The same where the exponent may lie outside of [0, 31]: what x86 makes of gemmlowp's formula there (shifts count modulo
// 64, arithmetic ones modulo 32). Not a rounded division any more, but what LiteRT's kernels give.
inline int32_t rounding_divide_as_x86(int32_t x, int exponent) {
  const auto mask = static_cast<int32_t>((uint64_t{1} << (static_cast<unsigned>(exponent) & 63)) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> (static_cast<unsigned>(exponent) & 31)) + ((x & mask) > threshold ? 1 : 0);
}

// x * 2^shift for shift >= 0, wrapping as the reference does on two's complement.
inline int32_t wrapping_shift_left(int32_t x, int shift) {
  return static_cast<int32_t>(static_cast<uint32_t>(x) << shift);
}

// x * multiplier, rounded twice: by the high multiplication (half up), then by the shift (half away from zero).
inline int32_t multiply(int32_t x, Multiplier m) {
  const int left = m.shift > 0 ? m.shift : 0;
  const int right = m.shift > 0 ? 0 : -m.shift;
  return rounding_divide_by_pot(saturating_rounding_doubling_high_mul(wrapping_shift_left(x, left), m.mantissa), right);
}

// x * multiplier for the wide accumulators of 16-bit activations: the mantissa is cut to 16 bits, one rounding (half
// up). shift in [-31, 7], |x| < 2^47.
inline int32_t multiply(int64_t x, Multiplier m) {
  const int32_t reduced = m.mantissa < 0x7FFF0000 ? (m.mantissa + (1 << 15)) >> 16 : 0x7FFF;
  const int total_shift = 15 - m.shift;
  // A multiplier of 2^14 and more: whatever is not 0 leaves the range. LiteRT shifts by a negative number here.
  if (total_shift < 1)
    return x == 0 ? 0 : x > 0 ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>((x * reduced + (int64_t{1} << (total_shift - 1))) >> total_shift);
}

}  // namespace monolite
