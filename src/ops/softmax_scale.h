#pragma once
// How 8-bit SOFTMAX and LOG_SOFTMAX scale differences to the largest element of a row.

#include <algorithm>
#include <cmath>

#include "base/fixed_point.h"

namespace monolite::ops {

// From steps of the input to Q5, the exponent's fixed-point format.
struct SoftmaxScale {
  Multiplier to_q5;
  int32_t least_difference;  // whatever lies further below the largest element counts as 0
};

// scale * beta in units of 2^-26; must be above 1 (LiteRT ends the process otherwise).
inline double softmax_multiplier(double beta, double scale) { return std::min(beta * scale * (1 << 26), 2147483647.0); }

inline SoftmaxScale softmax_scale(double multiplier) {
  int shift = 0;
  std::frexp(multiplier, &shift);
  const Multiplier m = quantize_multiplier(multiplier);
  shift = std::max(shift, m.shift);
  return {m, -static_cast<int32_t>(std::floor(31.0 * (1 << 26) / static_cast<double>(int64_t{1} << shift)))};
}

}  // namespace monolite::ops
