#pragma once
// Fills in the constants of kernels/requantize_q8.h.

#include <cstdint>
#include <optional>
#include <span>

#include "base/fixed_point.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// Fills in lane `i` of the block.
void set_requantize_q8(RequantizeQ8& block, int i, int32_t bias, Multiplier multiplier, int32_t zero_point);

// A scale below 1 as mantissa / 2^shift, for ops that multiply by the real number, in double, and round once, halves
// away from zero (FULLY_CONNECTED).
struct RoundedOnceQ8 {
  int32_t mantissa = 0;  // in [2^30, 2^31)
  int shift = 0;         // 31 to 62
};

// Nothing where no such pair gives, for every accumulator, the bits of round(acc * scale) + zero_point cut to [0, 255]:
// tried at each accumulator where the result changes.
std::optional<RoundedOnceQ8> rounded_once_q8(double scale, int32_t zero_point);

void set_rounded_once_q8(RequantizeQ8& block, int i, int32_t bias, const RoundedOnceQ8& scale, int32_t zero_point);

// The largest magnitude of an accumulator: `bias` with the input's zero point folded in, plus bytes times weights,
// given the weights' sum and their magnitudes' sum.
int64_t reach_of_q8(int32_t bias, int64_t sum, int64_t magnitudes);

// Do accumulators up to `reach`, and what becomes of them, stay inside of 32 bits? Where not, TensorFlow Lite's kernels
// wrap, and ours give other bits. No trained layer comes near.
bool stays_in_32_bits_q8(Multiplier multiplier, int64_t reach);

// Finds the ending that serves all of some channels; then of the next ones, for those of a layer often have one scale,
// and what was found for that is kept.
class EndingOfQ8 {
 public:
  // `reach` is the largest magnitude that an accumulator of the channel can have; its constants are in the block's
  // lane.
  void add(Multiplier multiplier, int64_t reach, const RequantizeQ8& block, int lane);
  void add(const RoundedOnceQ8& scale, int64_t reach, const RequantizeQ8& block, int lane);
  // For a bias that is not known yet: sums are not floats then.
  void add(Multiplier multiplier, int64_t reach);
  // For the channels added since the last one: makes their constants ready for their ending.
  EndingQ8 finish(const OutputQ8& output, std::span<RequantizeQ8> blocks);

 private:
  struct Channels {
    bool can_estimate = true, needs_bound = false, needs_wide = false, floats = true;
    // A lane with the scale of all channels, as long as they have one.
    const RequantizeQ8* block = nullptr;
    int lane = 0;
    bool have_one_scale = true;
    int64_t reach = 0;

    EndingQ8 ending(const OutputQ8& output) const;
  };
  // Sums of channels with this scale, offset and zero point are certain where they are moved by m; -1: by none tried.
  struct Certain {
    float scale = 0, offset = 0;
    int32_t zero_point = 0;
    int64_t m = -1;
  };
  bool make_certain(const OutputQ8& output, std::span<RequantizeQ8> blocks);

  Channels channels_;
  Certain certain_;
};

// What EndingOfQ8 does for EndingQ8::estimated_widely.
void widen_doubt_q8(RequantizeQ8& block);

// Which channel stands in a lane, where four vectors are packed within 128-bit parts and fewer are put in order.
int packed_lane_order(int vectors, int vector, int lane);
// Channels in their own order.
int plain_lane_order(int vectors, int vector, int lane);

}  // namespace monolite::kernels
