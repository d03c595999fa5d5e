#pragma once
// Where each row (or column) of a resized picture takes its value from, in the two arithmetics that LiteRT has for
// RESIZE_BILINEAR.

#include <cstdint>
#include <vector>

#include "ops/resize_bilinear.h"

namespace monolite::ops {

// `upper` has the weight `fraction` (of 1, or of 1024), `lower` the rest.
template <class Real>
struct Sample {
  int32_t lower, upper;
  Real fraction;
  bool operator==(const Sample&) const = default;
};

// Float arithmetic, for float32 and uint8: one correctly rounded division gives the scale. in, out >= 1.
std::vector<Sample<float>> float_samples(int32_t in, int32_t out, const ResizeBilinear& a);

// Integer arithmetic, for int8 and int16: positions in units of 1/1024. in, out >= 1.
std::vector<Sample<int32_t>> integer_samples(int32_t in, int32_t out, const ResizeBilinear& a);

}  // namespace monolite::ops
