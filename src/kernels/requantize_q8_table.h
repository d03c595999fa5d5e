#pragma once
// Fills in the constants of kernels/requantize_q8.h.

#include <cstdint>
#include <span>

#include "base/fixed_point.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// Fills in lane `i` of the block.
void set_requantize_q8(RequantizeQ8& block, int i, int32_t bias, Multiplier multiplier, int32_t zero_point);

// Finds the ending that serves all of some channels.
class EndingOfQ8 {
 public:
  // `reach` is the largest magnitude that an accumulator of the channel can have.
  void add(Multiplier multiplier, int64_t reach);
  EndingQ8 ending(const OutputQ8& output) const;

 private:
  bool can_estimate_ = true, needs_bound_ = false;
};

// Which channel stands in a lane, where four vectors are packed within 128-bit parts and fewer are put in order.
int packed_lane_order(int vectors, int vector, int lane);
// Channels in their own order.
int plain_lane_order(int vectors, int vector, int lane);

}  // namespace monolite::kernels
