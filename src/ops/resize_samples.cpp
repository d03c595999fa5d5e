#include "ops/resize_samples.h"

#include <algorithm>
#include <cmath>

namespace monolite::ops {

std::vector<Sample<float>> float_samples(int32_t in, int32_t out, const ResizeBilinear& a) {
  const float scale = a.align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                                 : static_cast<float>(in) / static_cast<float>(out);
  std::vector<Sample<float>> samples;
  for (int32_t i = 0; i < out; ++i) {
    const auto index = static_cast<float>(i);
    const float position = a.half_pixel_centers ? (index + 0.5f) * scale - 0.5f : index * scale;
    const int32_t lower = std::clamp(static_cast<int32_t>(std::floor(position)), 0, in - 1);
    const int32_t upper = std::min(static_cast<int32_t>(std::ceil(position)), in - 1);
    samples.push_back({lower, std::max(upper, 0), position - static_cast<float>(lower)});
  }
  return samples;
}

std::vector<Sample<int32_t>> integer_samples(int32_t in, int32_t out, const ResizeBilinear& a) {
  const bool aligned = a.align_corners && out > 1;
  const int64_t num = aligned ? in - 1 : in, den = aligned ? out - 1 : out;
  const int64_t scale = (1024 * num + den / 2) / den;
  std::vector<Sample<int32_t>> samples;
  for (int32_t i = 0; i < out; ++i) {
    const int64_t position = a.half_pixel_centers ? i * scale + scale / 2 - 512 : i * scale;
    const int64_t lower = std::clamp<int64_t>(position / 1024, 0, in - 1);
    const int64_t upper = std::clamp<int64_t>((position + 1023) / 1024, 0, in - 1);
    samples.push_back(
        {static_cast<int32_t>(lower), static_cast<int32_t>(upper), static_cast<int32_t>(position - 1024 * lower)});
  }
  return samples;
}

}  // namespace monolite::ops
