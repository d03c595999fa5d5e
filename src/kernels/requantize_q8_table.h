#pragma once
// Fills in the constants of kernels/requantize_q8.h.

#include <cstdint>
#include <span>

#include "base/fixed_point.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// May the kernels take the shorter way, for results that a clamp at the zero point cuts anyway? All e are in
// [1, kMostFolded], or the zero point is 0.
bool is_rectified_q8(std::span<const Multiplier> multipliers, const OutputQ8& output);

// Fills in lane `i` of the block.
void set_requantize_q8(RequantizeQ8& block, int i, int32_t bias, Multiplier multiplier, int32_t zero_point);

}  // namespace monolite::kernels
