#include "kernels/requantize_q8_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace monolite::kernels {

namespace {

constexpr int32_t kFloatZero = 0x4B400000;  // the bits of 3 * 2^22

// The first x >= 0 for which factor * x mod modulus lies in [low, high], 0 <= low <= high < modulus; -1: none. As in
// Euclid's algorithm: where no multiple of the factor lies there before the first turn, turns are counted instead.
int64_t first_within(int64_t factor, int64_t modulus, int64_t low, int64_t high) {
  if (low == 0) return 0;
  if (factor == 0) return -1;
  const int64_t x = (low + factor - 1) / factor, multiple = x * factor;
  if (multiple <= high) return x;
  const int64_t turns = first_within(modulus % factor, factor, multiple - high, multiple - low);
  return turns < 0 ? -1 : (low + modulus * turns + factor - 1) / factor;
}

// The first m >= least for which offset - (3 * 2^22 + m) * scale is 1 / error_part at most off a float; -1: none.
int64_t float_shift(float scale, float offset, int64_t least, int error_part) {
  if (scale == 0) return 0;
  if (!(scale >= 4 && scale < 65536)) return -1;
  // All in units of the scale's last bit, 2^-21 to 2^-8; the offset is a whole number.
  int exponent = 0;
  const auto s = static_cast<int64_t>(std::ldexp(std::frexp(scale, &exponent), 24));
  const int64_t one = int64_t{1} << (24 - exponent);
  const int64_t at_zero = 3 * (s << 22) - static_cast<int64_t>(offset) * one;  // > 0: the scale is 4 or more
  const int64_t error = one / error_part;
  const auto width = [](int64_t value) { return std::bit_width(static_cast<uint64_t>(value)); };
  for (int64_t first = least; first < (1 << 22);) {
    const int64_t at = at_zero + first * s, unit = int64_t{1} << (width(at) - 24);
    const int64_t low = ((-at - error) % unit + unit) % unit, high = low + 2 * error;
    const int64_t more = high >= unit ? 0 : first_within(s % unit, unit, low, high);
    if (more < 0) return -1;
    if (width(at + more * s) == width(at)) return first + more;
    first += ((int64_t{1} << width(at)) - at + s - 1) / s;  // beyond a power of 2, where units are larger
  }
  return -1;
}

void set_float_sums(RequantizeQ8& b, int i, int64_t m, float offset) {
  b.float_zero[i] = kFloatZero + static_cast<int32_t>(m);
  b.float_offset[i] = static_cast<float>(offset - (3 * 4194304.0 + static_cast<double>(m)) * b.scale[i]);
  b.float_start[i] = static_cast<int32_t>(static_cast<uint32_t>(b.float_zero[i]) + static_cast<uint32_t>(b.bias[i]));
}

// What sums that are floats need, once bias, scale and offset stand. Lanes with one scale have the same: of a layer
// that has one for all its channels it is looked for once a block.
void set_float_sums(RequantizeQ8& b, int i) {
  int64_t m = -1;
  if (i > 0 && b.scale[i] == b.scale[i - 1] && b.offset[i] == b.offset[i - 1]) {
    if (!std::isnan(b.float_offset[i - 1])) m = b.float_zero[i - 1] - kFloatZero;
  } else {
    m = float_shift(b.scale[i], b.offset[i], 0, 8);
  }
  set_float_sums(b, i, std::max<int64_t>(m, 0), m < 0 ? std::numeric_limits<float>::quiet_NaN() : b.offset[i]);
}

// The first accumulator that passes, near where that is guessed.
template <class Passes>
int64_t first_passing(int64_t guess, const Passes& passes) {
  while (passes(guess - 1)) --guess;
  while (!passes(guess)) ++guess;
  return guess;
}

}  // namespace

void set_requantize_q8(RequantizeQ8& b, int i, int32_t bias, Multiplier m, int32_t zero_point) {
  const int half = i % 2, k = i / 2;
  const int e = m.shift < 0 ? -m.shift : 0;
  b.bias[i] = bias;
  b.left[i] = m.shift > 0 ? m.shift : 0;
  b.mantissa[i] = m.mantissa;
  if (half == 1) {
    b.mantissa_odd[i - 1] = m.mantissa;
    b.mantissa_odd[i] = 0;
  }
  const int64_t rounding = (int64_t{1} << 30) + (e > 0 ? int64_t{1} << (30 + e) : 0);
  const bool folds = e <= kMostFolded;
  b.add[half][k] = rounding + (folds ? int64_t{zero_point} * (int64_t{1} << (31 + e)) : 0);
  b.zero_point[i] = folds ? 0 : zero_point;
  b.add_negative[half][k] = e > 0 ? -(int64_t{1} << 31) : 0;
  b.shift[half][k] = 31 + e;
  b.scale[i] = static_cast<float>(std::ldexp(m.mantissa, 16 - 31 - e));
  b.offset[i] =
      static_cast<float>(zero_point * 65536.0 + std::ldexp(static_cast<double>(rounding), 16 - 31 - e)) + kDoubt / 2;
  b.drop[i] = e > 0 && e <= 16 ? 1 << (16 - e) : 0;
  set_float_sums(b, i);
}

void set_rounded_once_q8(RequantizeQ8& b, int i, int32_t bias, const RoundedOnceQ8& scale, int32_t zero_point) {
  const int half = i % 2, k = i / 2;
  b.bias[i] = bias;
  b.left[i] = 0;
  b.mantissa[i] = scale.mantissa;
  if (half == 1) {
    b.mantissa_odd[i - 1] = scale.mantissa;
    b.mantissa_odd[i] = 0;
  }
  // floor((x + 2^(shift-1)) / 2^shift), with one less where x is negative: halves go away from zero.
  const bool folds = scale.shift <= 31 + kMostFolded;
  b.add[half][k] = (int64_t{1} << (scale.shift - 1)) + (folds ? int64_t{zero_point} * (int64_t{1} << scale.shift) : 0);
  b.zero_point[i] = folds ? 0 : zero_point;
  b.add_negative[half][k] = -1;
  b.shift[half][k] = scale.shift;
  b.scale[i] = static_cast<float>(std::ldexp(scale.mantissa, 16 - scale.shift));
  b.offset[i] = static_cast<float>(zero_point * 65536.0 + 32768.0) + kDoubt / 2;
  b.drop[i] = 0;  // a half is in doubt
  set_float_sums(b, i);
}

namespace {

// Does the pair change its result at the accumulators where round(acc * scale) does?
bool changes_alike(const RoundedOnceQ8& pair, double scale, int32_t zero_point) {
  RequantizeQ8 block{};
  set_rounded_once_q8(block, 0, 0, pair, zero_point);
  for (int result = 1; result <= 255; ++result) {
    const int n = result - zero_point;
    const auto passes = [&](int64_t acc) { return std::round(static_cast<double>(acc) * scale) >= n; };
    const double change = (n - 0.5) / scale;
    if (std::abs(change) > 2147483648.0) continue;  // no accumulator lies there
    const int64_t acc = first_passing(std::llrint(change), passes);
    if (acc < INT32_MIN || acc > INT32_MAX) continue;
    if (rescaled_q8(static_cast<int32_t>(acc), block, 0) < result) return false;
    if (acc > INT32_MIN && rescaled_q8(static_cast<int32_t>(acc - 1), block, 0) >= result) return false;
  }
  return true;
}

}  // namespace

std::optional<RoundedOnceQ8> rounded_once_q8(double scale, int32_t zero_point) {
  if (!(scale < 0.999 && scale > std::ldexp(1.0, -31))) return {};
  int exponent = 0;
  const double mantissa = std::ldexp(std::frexp(scale, &exponent), 31);
  for (const double m : {std::floor(mantissa), std::ceil(mantissa)}) {
    if (m >= 2147483648.0) continue;
    const RoundedOnceQ8 pair{static_cast<int32_t>(m), 31 - exponent};
    if (changes_alike(pair, scale, zero_point)) return pair;
  }
  return {};
}

int64_t reach_of_q8(int32_t bias, int64_t sum, int64_t magnitudes) {
  const int64_t above = (magnitudes + sum) / 2, below = (sum - magnitudes) / 2;
  return std::max(std::abs(bias + 255 * above), std::abs(bias + 255 * below));
}

bool stays_in_32_bits_q8(Multiplier m, int64_t reach) {
  constexpr double kMost = 2147483648.0 - 512;  // room for the zero point
  return std::ldexp(static_cast<double>(reach), std::max(m.shift, 0)) < kMost;
}

void EndingOfQ8::add(const RoundedOnceQ8& s, int64_t reach, const RequantizeQ8& block, int lane) {
  // Everything that EndingOfQ8 asks of a multiplier with the same shift.
  add(Multiplier{s.mantissa, 31 - s.shift}, reach, block, lane);
}

void EndingOfQ8::add(Multiplier m, int64_t reach, const RequantizeQ8& block, int lane) {
  Channels& all = channels_;
  const bool floats =
      all.floats && reach + (block.float_zero[lane] - kFloatZero) < (1 << 22) && !std::isnan(block.float_offset[lane]);
  add(m, reach);
  all.floats = floats;
  all.reach = std::max(all.reach, reach);
  if (m.mantissa == 0) return;
  if (all.block == nullptr) {
    all.block = &block;
    all.lane = lane;
  }
  all.have_one_scale &=
      all.block->scale[all.lane] == block.scale[lane] && all.block->offset[all.lane] == block.offset[lane];
}

void EndingOfQ8::add(Multiplier m, int64_t reach) {
  channels_.floats = false;
  if (m.mantissa == 0) return;            // a dead channel: all estimates are the zero point and a half
  constexpr int64_t kMostResult = 32000;  // with the zero point less than 2^15
  if (m.mantissa < (1 << 30) || m.shift > 0) {
    channels_.can_estimate = false;
    return;
  }
  // With 31 bits in the mantissa and a shift of 13 at most the scale is at least 4 units of 2^-16.
  channels_.needs_wide |= m.shift < -13 || reach >= (1 << 24);
  channels_.needs_bound |= m.shift > -32 && reach > (kMostResult << -m.shift);
}

EndingQ8 EndingOfQ8::Channels::ending(const OutputQ8& output) const {
  if (!can_estimate) return EndingQ8::exact;
  if (needs_wide) return EndingQ8::estimated_widely;
  const bool is_rectified = output.least >= output.zero_point;
  if (floats && is_rectified) return EndingQ8::floating_rectified;
  if (needs_bound) return EndingQ8::estimated_bounded;
  if (is_rectified) return EndingQ8::estimated_rectified;
  return floats ? EndingQ8::floating : EndingQ8::estimated;
}

namespace {

// Are all estimates right? Tried at the accumulators where a result behind the zero point changes.
bool is_certain(const RequantizeQ8& b, int i, int32_t zero_point) {
  const auto estimate = [&](int64_t acc) {
    const auto sum = std::bit_cast<float>(static_cast<int32_t>(b.float_zero[i] + acc));
    return std::lrint(std::fma(sum, b.scale[i], b.float_offset[i])) >> 16;
  };
  const int64_t most = (1 << 22) - 1 - (b.float_zero[i] - kFloatZero);  // that a sum can be
  for (int result = zero_point + 1; result <= 255; ++result) {
    const int64_t acc = first_passing(std::llrint((result * 65536.0 - b.offset[i]) / b.scale[i]),
                                      [&](int64_t a) { return rescaled_q8(static_cast<int32_t>(a), b, i) >= result; });
    if (acc - 1 > most) return true;
    if (acc <= most && estimate(acc) < result) return false;
    if (estimate(acc - 1) >= result) return false;
  }
  return true;
}

// The first way to move sums of such a scale that makes them certain; -1: none of those tried.
int64_t certain_shift(const RequantizeQ8& block, int i, float offset, int32_t zero_point) {
  constexpr int kMostTries = 24;
  RequantizeQ8 b = block;
  int64_t m = -1;
  for (int tried = 0; tried < kMostTries; ++tried) {
    m = float_shift(b.scale[i], offset, m + 1, 1);
    if (m < 0) return -1;
    set_float_sums(b, i, m, offset);
    if (is_certain(b, i, zero_point)) return m;
  }
  return -1;
}

}  // namespace

// For channels with one scale only: it takes long.
bool EndingOfQ8::make_certain(const OutputQ8& output, std::span<RequantizeQ8> blocks) {
  const Channels& all = channels_;
  if (all.needs_bound || !all.have_one_scale || all.block == nullptr) return false;
  const float scale = all.block->scale[all.lane], offset = all.block->offset[all.lane] - kDoubt / 2;
  if (certain_.scale != scale || certain_.offset != offset || certain_.zero_point != output.zero_point) {
    const int64_t m = certain_shift(*all.block, all.lane, offset, output.zero_point);
    certain_ = {scale, offset, output.zero_point, m};
  }
  if (certain_.m < 0 || certain_.m + all.reach >= (1 << 22)) return false;
  for (RequantizeQ8& block : blocks) {
    for (int i = 0; i < 16; ++i) {
      if (block.scale[i] == scale) set_float_sums(block, i, certain_.m, offset);
    }
  }
  return true;
}

EndingQ8 EndingOfQ8::finish(const OutputQ8& output, std::span<RequantizeQ8> blocks) {
  EndingQ8 found = channels_.ending(output);
  if (found == EndingQ8::floating_rectified && make_certain(output, blocks)) found = EndingQ8::certain_rectified;
  if (found == EndingQ8::estimated_widely) {
    for (RequantizeQ8& block : blocks) widen_doubt_q8(block);
  }
  channels_ = {};
  return found;
}

void widen_doubt_q8(RequantizeQ8& block) {
  for (float& offset : block.offset) offset += static_cast<float>((kWideDoubt - kDoubt) / 2);
}

int plain_lane_order(int, int vector, int lane) { return 16 * vector + lane; }

int packed_lane_order(int vectors, int vector, int lane) {
  return vectors == 4 ? 16 * (lane / 4) + 4 * vector + lane % 4 : 16 * vector + lane;
}

}  // namespace monolite::kernels
