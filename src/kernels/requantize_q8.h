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
// where r is negative: one 64-bit multiplication, one addition, one shift. r < 0 is the same as acc * m < 0 but for
// acc * m in [-2^30, 0), where both c give the same result 0. With |acc * m| <= 2^62 and e <= 31 the sum stays below
// 2^63. Where e is at most kMostFolded, the zero point goes into c as zero_point * 2^(31+e), less than 2^62 - 2^54, and
// costs nothing.
//
// Estimates. Kernels may compute the same quotient y = (acc * m + c) / 2^(31+e) + zero_point in units of 2^-16, in
// single precision, and take its floor:
//   q = round(fma(acc, scale, offset)), less `drop` where acc is negative and negative results count
//   scale = m * 2^(16-31-e), rounded to 24 bits; offset = 2^16 * (zero_point + c / 2^(31+e)) + kDoubt / 2
// For y in [0, 256] that the clamp does not decide, |acc * scale| <= 2^24: the scale's rounding is worth 1 unit at
// most, fma's and round's together 3/4; offset and drop are whole numbers below 2^24, acc is below 2^24 too, both
// exact. So q - kDoubt / 2 is less than kDoubt / 2 = 2 units off y, and where the lower 16 bits of q are kDoubt or
// more, the upper ones are floor(y). One result in 16,384 is less: there acc is read back from q (scale >= 4 units: no
// doubt about it) and rescaled_q8 decides. EndingOfQ8 says for which channels all this holds.
//
// Wide doubt. Where scale may be less than 4 units, or acc pass 24 bits, three more errors come in: acc rounded to 24
// bits is worth 1 unit, a drop of less than 1 unit that is left out (e > 16) 1/2, offset's fraction 1/4. They stay
// within kWideDoubt / 2; and since q does not give acc back, kernels compute what is in doubt once more, exactly.
//
// Sums that are floats. The bits of a float in [2^23, 2^24) are 0x4B000000 plus its distance to 2^23. A kernel that
// starts its sums not at the bias but at float_start = float_zero + bias, where float_zero = 0x4B400000 + m, has sums
// that read as floats are 3 * 2^22 + m + acc, while |acc| + m < 2^22: they need no conversion. Their estimate is
//   q = round(fma(sum, scale, float_offset)), float_offset = offset - (3 * 2^22 + m) * scale
// float_offset is far larger than offset, so that single precision would round it by many units: m is the first for
// which it is rounded by 1/8 of a unit at most, which leaves the bound above as it is.
//
// Such a sum's estimate may pass 32 bits where negative results are cut (`floating_rectified`). Conversion makes -2^31
// of it, or the nearest number that there is. 2^31 - 1 is right, it is cut to 255; -2^31 is in doubt, for its lower
// half is 0, and does not give acc back: kernels compute it once more, exactly.

#include <cmath>
#include <cstdint>

namespace monolite::kernels {

inline constexpr int kMostFolded = 23;  // right shift up to which c holds the zero point
inline constexpr int kDoubt = 4;        // lower 16 bits of an estimate below which its floor is not certain
inline constexpr int kWideDoubt = 8;

// How a kernel ends: exactly; by estimates; by estimates of which the negative ones are cut at the zero point anyway;
// by estimates that may pass 32 bits and are cut before; the same with wide doubt. The last two: as `estimated` and
// `estimated_rectified`, and sums may be floats; the latter's estimates may pass 32 bits. The last: as that, and no
// estimate that passes them or is in doubt. A kernel that does not use this ends as `estimated_rectified`.
enum class EndingQ8 : uint8_t {
  exact,
  estimated,
  estimated_rectified,
  estimated_bounded,
  estimated_widely,
  floating,
  floating_rectified,
  certain_rectified
};

// Are negative results cut at the zero point anyway?
constexpr bool is_rectified(EndingQ8 e) {
  return e == EndingQ8::estimated_rectified || e == EndingQ8::floating_rectified || e == EndingQ8::certain_rectified;
}
// May estimates pass 32 bits?
constexpr bool is_bounded(EndingQ8 e) { return e == EndingQ8::estimated_bounded || e == EndingQ8::estimated_widely; }
constexpr int doubt_of(EndingQ8 e) { return e == EndingQ8::estimated_widely ? kWideDoubt : kDoubt; }
constexpr bool has_float_sums(EndingQ8 e) { return e >= EndingQ8::floating; }
constexpr bool leaves_doubt(EndingQ8 e) { return e != EndingQ8::exact && e != EndingQ8::certain_rectified; }

inline constexpr float kMostEstimate = 2147483392.0F;    // 2^31 - 256: no doubt about a result far above 255
inline constexpr float kLeastEstimate = -2147352576.0F;  // -2^31 + 2^17: room for `drop`

// Constants for 16 channels, in the order in which a kernel has them in its vectors.
struct alignas(64) RequantizeQ8 {
  int32_t bias[16];
  int32_t left[16];            // shift before the multiplication, >= 0
  int32_t mantissa[16];        // of all; kernels multiply its even elements
  int32_t mantissa_odd[16];    // element 2i is channel 2i+1's
  int64_t add[2][8];           // even and odd channels: c
  int64_t add_negative[2][8];  // what comes on top where the product is negative
  int64_t shift[2][8];         // 31 + e
  int32_t zero_point[16];      // that c does not hold
  float scale[16];             // of estimates
  float offset[16];
  int32_t drop[16];
  int32_t float_zero[16];  // of sums that are floats
  int32_t float_start[16];
  float float_offset[16];  // not a number: no such sums
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

// The accumulator that an estimate was made of.
static inline int32_t accumulator_of(int32_t estimate, EndingQ8 ending, const RequantizeQ8& b, int i) {
  const auto solve = [&](double q) { return std::lrint((q - double{b.offset[i]}) / double{b.scale[i]}); };
  // drop is 1 to 2 steps of acc, so that a negative one stays negative.
  const auto acc = solve(estimate);
  if (acc >= 0 || is_rectified(ending)) return static_cast<int32_t>(acc);
  return static_cast<int32_t>(solve(static_cast<double>(b.drop[i]) + estimate));
}

}  // namespace monolite::kernels
