#include "quantize/range.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace monolite::quantize {
namespace {

// Scales below it have no usable inverse in float32.
constexpr double kLeastScale = FLT_MIN * 1024.0;

}  // namespace

Range Range::with(const Range& other) const { return {std::min(min, other.min), std::max(max, other.max)}; }

Quantization mapping_of(Range range, IntegerType type) {
  range = range.with({0, 0});
  if (range.max - range.min < kLeastScale) range = {0, 1};
  Quantization q;
  if (type == IntegerType::int16x8) {
    const double most = std::max(-range.min, range.max);
    q = per_tensor(static_cast<float>(most / 32767), 0);
  } else {
    const double scale = (range.max - range.min) / 255;
    const double below = std::clamp(std::round(-range.min / scale), 0.0, 255.0);
    q = per_tensor(static_cast<float>(scale), static_cast<int64_t>(below) - (type == IntegerType::int8 ? 128 : 0));
  }
  q.min = {static_cast<float>(range.min)};
  q.max = {static_cast<float>(range.max)};
  return q;
}

}  // namespace monolite::quantize
