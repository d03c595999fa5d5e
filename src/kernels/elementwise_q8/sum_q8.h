#pragma once
// Fills in the constants of a sum.

#include "base/fixed_point.h"
#include "kernels/elementwise_q8/elementwise_q8.h"

namespace monolite::kernels {

// An input of a sum: its term is multiply((value - zero_point) << left_shift, multiplier).
struct SumInputQ8 {
  int32_t zero_point;  // of the unsigned value
  int left_shift;
  Multiplier multiplier;
};

SumQ8 sum_q8(const SumInputQ8& a, const SumInputQ8& b, Multiplier scale, const OutputQ8& output);

}  // namespace monolite::kernels
