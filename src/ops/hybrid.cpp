#include "ops/hybrid.h"

#include <algorithm>
#include <cmath>

namespace monolite::ops {
namespace {

// Rounded and cut to [least, 127]; NaN becomes the least.
int8_t to_int8(float value, float least) {
  const float rounded = std::round(value);
  return static_cast<int8_t>(rounded > least ? std::min(rounded, 127.0f) : least);
}

void quantize_symmetric(const float* data, int64_t length, int8_t* values, float& scale) {
  const auto [least, most] = std::minmax_element(data, data + length);
  const float range = std::max(std::abs(*least), std::abs(*most));
  if (range == 0) return;
  scale = range / 127;
  const float inverse = 127 / range;
  for (int64_t i = 0; i < length; ++i) values[i] = to_int8(data[i] * inverse, -127);
}

// The zero point that makes the smaller relative error at the ends of the range, rounded into the type.
int32_t nudged_zero_point(double least, double most, double scale) {
  const double from_least = -128 - least / scale, from_most = 127 - most / scale;
  const double error_least = 128 + std::abs(least / scale), error_most = 127 + std::abs(most / scale);
  const double zero_point = error_least < error_most ? from_least : from_most;
  return static_cast<int32_t>(std::round(std::clamp(zero_point, -128.0, 127.0)));
}

void quantize_asymmetric(const float* data, int64_t length, int8_t* values, float& scale, int32_t& zero_point) {
  const auto [least_element, most_element] = std::minmax_element(data, data + length);
  const float least = std::min(0.0f, *least_element), most = std::max(0.0f, *most_element);
  const float range = most - least;  // rounded to float before the division
  if (range == 0 || !std::isfinite(range)) return;
  const double exact_scale = double{range} / 255;
  zero_point = nudged_zero_point(least, most, exact_scale);
  scale = static_cast<float>(exact_scale);
  const float inverse = 1.0f / scale;
  for (int64_t i = 0; i < length; ++i) {
    values[i] = to_int8(std::round(data[i] * inverse) + static_cast<float>(zero_point), -128);
  }
}

}  // namespace

QuantizedRows quantize_rows(const float* data, int64_t rows, int64_t length, bool asymmetric) {
  QuantizedRows q;
  q.values.resize(static_cast<size_t>(rows * length));
  q.scale.resize(static_cast<size_t>(rows), 1.0f);
  q.zero_point.resize(static_cast<size_t>(rows));
  for (int64_t r = 0; length > 0 && r < rows; ++r) {
    const auto row = static_cast<size_t>(r);
    int8_t* values = q.values.data() + r * length;
    if (asymmetric) {
      quantize_asymmetric(data + r * length, length, values, q.scale[row], q.zero_point[row]);
    } else {
      quantize_symmetric(data + r * length, length, values, q.scale[row]);
    }
  }
  return q;
}

}  // namespace monolite::ops
