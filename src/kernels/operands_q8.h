#pragma once
// Which bytes a kernel multiplies. Inputs are unsigned everywhere outside of the kernels, weights signed; not every
// machine has instructions for such pairs.

#include <cstdint>

namespace monolite::kernels {

struct OperandsQ8 {
  int32_t input_offset;  // what the kernel takes off each unsigned input byte
  int32_t least_weight;  // of a packed byte
};

inline constexpr OperandsQ8 kUnsignedBytes{0, -128};
inline constexpr OperandsQ8 kSignedBytes{128, -128};
// Sums of two products stay in 16 bits: 2 * 128 * 127 < 2^15.
inline constexpr OperandsQ8 kSignedPairs{128, -127};

// As much of a weight as a byte holds; the rest goes into further sets.
static inline int8_t fitting_q8(int w, const OperandsQ8& operands) {
  const int least = operands.least_weight;
  return static_cast<int8_t>(w < least ? least : w > 127 ? 127 : w);
}

// What a sum of products with such inputs starts from, so that it ends as one with unsigned inputs that starts from
// `bias`; `sum` is that of the weights.
static inline int32_t start_of_q8(int32_t bias, int64_t sum, const OperandsQ8& operands) {
  return static_cast<int32_t>(static_cast<uint32_t>(bias) +
                              static_cast<uint32_t>(operands.input_offset) * static_cast<uint32_t>(sum));
}

}  // namespace monolite::kernels
