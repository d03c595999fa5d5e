#include "convert/quantization_params.h"

#include <algorithm>
#include <cmath>

#include "passes/graph_edit.h"

namespace monolite::conversion {

ScaleAndZero scale_and_zero(const TrainedRange& range, QuantizedType type) {
  const double least = type.least + (range.narrow ? 1 : 0), most = type.most;
  if (range.min == range.max) return {};
  const double scale = (range.max - range.min) / (most - least);
  const double from_min = least - range.min / scale, from_max = most - range.max / scale;
  const double min_error = std::abs(least) + std::abs(range.min / scale);
  const double max_error = std::abs(most) + std::abs(range.max / scale);
  const double zero_point = min_error < max_error ? from_min : from_max;
  if (zero_point < least) return {scale, static_cast<int32_t>(least)};
  if (zero_point > most) return {scale, static_cast<int32_t>(most)};
  return {scale, static_cast<int32_t>(std::round(zero_point))};
}

TrainedRange range_of_values(const Tensor& constant) {
  TrainedRange r;
  for (const float v : passes::floats(constant)) {
    r.min = std::min(r.min, double{v});
    r.max = std::max(r.max, double{v});
  }
  if (r.min == 0 && r.max == 0) r.max = 1;  // all zeros: any scale does
  return r;
}

}  // namespace monolite::conversion
