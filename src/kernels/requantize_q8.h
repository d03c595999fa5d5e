#pragma once
// The end of every 8-bit kernel: int32 accumulators to 8 bits, with the bits of TensorFlow Lite's two roundings.
//
// Inside of the kernels values are unsigned: int8 tensors are seen as value + 128 (their bytes with the top bit
// flipped), and so are zero points and clamps.
//
// Exactness. With multiplier m (Q31) and right shift e, TensorFlow Lite computes
//   r = floor((acc * m + 2^30) / 2^31), then r / 2^e rounded half away from zero.
// For r >= 0 that is floor((r + 2^(e-1)) / 2^e), for r < 0 floor((r + 2^(e-1) - 1) / 2^e), if e > 0. A floor of a floor
// by whole divisors is one floor, so both are floor((acc * m + c) / 2^(31+e)), where c = 2^30 + 2^(30+e), less 2^31
// where r is negative: one 64-bit multiplication, one addition, one shift. r < 0 is the same as acc * m < 0 but for acc
// * m in
// [-2^30, 0), where both c give the same result 0. With |acc * m| <= 2^62 and e <= 31 the sum stays below 2^63. Where e
// is at most kMostFolded, the zero point goes into c as zero_point * 2^(31+e), less than 2^62 - 2^54, and costs
// nothing.

#include <cstdint>

namespace monolite::kernels {

inline constexpr int kMostFolded = 23;  // right shift up to which c holds the zero point

// Constants for 16 channels, in the order in which a kernel has them in its vectors.
struct alignas(64) RequantizeQ8 {
  int32_t bias[16];
  int32_t left[16];            // shift before the multiplication, >= 0
  int32_t mantissa[16];        // of all; kernels multiply its even elements
  int32_t mantissa_odd[16];    // element 2i is channel 2i+1's
  int64_t add[2][8];           // even and odd channels: c
  int64_t add_negative[2][8];  // what comes on top where the product is negative
  int64_t shift[2][8];         // 31 + e
  int64_t shift_high[8];       // e - 1, for odd channels: leaves the result in the upper half. Only where rectified
  int32_t zero_point[16];      // that c does not hold. 0 where rectified
};

// What a layer's requantization needs besides its channels'.
struct OutputQ8 {
  int32_t zero_point = 0;  // of the unsigned value
  uint8_t least = 0, most = 255;
  uint8_t flip = 0;  // 0x80 where the tensor is int8
};

// The definition: what all kernels compute, before the clamp.
static inline int64_t rescaled_q8(int32_t acc, const RequantizeQ8& b, int i) {
  const auto x = static_cast<int32_t>(static_cast<uint32_t>(acc) << b.left[i]);
  const int64_t product = int64_t{x} * b.mantissa[i];
  const int64_t sum = product + b.add[i % 2][i / 2] + (product < 0 ? b.add_negative[i % 2][i / 2] : 0);
  return (sum >> b.shift[i % 2][i / 2]) + b.zero_point[i];
}

// And behind it: what their stores write.
static inline uint8_t requantize_q8(int32_t acc, const RequantizeQ8& b, int i, const OutputQ8& output) {
  const int64_t value = rescaled_q8(acc, b, i);
  const int64_t low = value < output.least ? output.least : value;
  return static_cast<uint8_t>((low > output.most ? output.most : low) ^ output.flip);
}

}  // namespace monolite::kernels
