#pragma once
// IEEE 754 half precision, as 16 bits.

#include <cstdint>
#include <cstring>

namespace monolite {

// The float with the same value; NaNs keep the upper bits of their payload.
inline float float_from_half(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1Fu;
  uint32_t fraction = half & 0x3FFu;
  uint32_t bits = 0;
  if (exponent == 0x1F) {
    bits = sign | 0x7F800000u | (fraction << 13);
  } else if (exponent != 0) {
    bits = sign | ((exponent + 112) << 23) | (fraction << 13);
  } else if (fraction != 0) {  // subnormal here, normal as a float
    uint32_t shift = 0;
    for (; (fraction & 0x400u) == 0; ++shift) fraction <<= 1;
    bits = sign | ((113 - shift) << 23) | ((fraction & 0x3FFu) << 13);
  } else {
    bits = sign;
  }
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The nearest half, ties to even; beyond the range infinity, and every NaN becomes the quiet one without payload.
inline uint16_t half_from_float(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<uint16_t>(sign | 0x7E00u);
  if (magnitude >= 0x477FF000u) return static_cast<uint16_t>(sign | 0x7C00u);  // 65520 and more
  if (magnitude < 0x33000000u) return static_cast<uint16_t>(sign);             // below 2^-25
  const uint32_t exponent = magnitude >> 23;
  const uint32_t fraction = (magnitude & 0x7FFFFFu) | 0x800000u;
  // Bits of the fraction that a half has no room for; more of them where it is subnormal.
  const uint32_t dropped = exponent < 113 ? 126 - exponent : 13;
  const uint32_t kept = fraction >> dropped;
  const uint32_t rest = fraction & ((1u << dropped) - 1), half = 1u << (dropped - 1);
  const uint32_t rounded = kept + (rest > half || (rest == half && (kept & 1u) != 0) ? 1 : 0);
  // The fraction's leading one adds 1 to the exponent, and so does a carry out of rounding.
  const uint32_t base = exponent < 113 ? 0 : (exponent - 113) << 10;
  return static_cast<uint16_t>(sign | (base + rounded));
}

}  // namespace monolite
