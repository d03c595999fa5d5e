#include "tasks/output.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace monolite::tasks {
namespace {

double half_to_double(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = bits >> 15 != 0 ? -1 : 1;
  if (exponent == 31)
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

}  // namespace

double stored_number(const ops::Value& value, int64_t i) {
  const auto at = static_cast<size_t>(i);
  switch (value.dtype) {
    case DType::float32:
      return static_cast<double>(value.data.get<float>(at));
    case DType::float64:
      return value.data.get<double>(at);
    case DType::float16:
      return half_to_double(value.data.get<uint16_t>(at));
    case DType::int8:
      return value.data.get<int8_t>(at);
    case DType::uint8:
    case DType::boolean:
      return value.data.get<uint8_t>(at);
    case DType::int16:
      return value.data.get<int16_t>(at);
    case DType::uint16:
      return value.data.get<uint16_t>(at);
    case DType::int32:
      return value.data.get<int32_t>(at);
    case DType::uint32:
      return value.data.get<uint32_t>(at);
    case DType::int64:
      return static_cast<double>(value.data.get<int64_t>(at));
    case DType::uint64:
      return static_cast<double>(value.data.get<uint64_t>(at));
    default:
      return 0;
  }
}

double real_number(const ops::Value& value, const Quantization& q, int64_t i) {
  const double stored = stored_number(value, i);
  if (is_float(value.dtype) || q.scale.size() != 1) return stored;
  const double zero_point = q.zero_point.empty() ? 0 : static_cast<double>(q.zero_point[0]);
  return static_cast<double>(q.scale[0]) * (stored - zero_point);
}

OutputSummary summarize(const ops::Value& value, const Quantization& quantization, std::string name) {
  constexpr int64_t kFirst = 8;
  OutputSummary s{std::move(name), std::string(monolite::name(value.dtype)), value.shape.dims(), 0, 0, 0, 0, {}};
  const int64_t elements = size_bytes(value.dtype) > 0 ? value.shape.checked_elements().value_or(0) : 0;
  double sum = 0;
  int64_t finite = 0;
  for (int64_t i = 0; i < elements; ++i) {
    const double x = real_number(value, quantization, i);
    if (i < kFirst) s.first.push_back(x);
    if (!std::isfinite(x)) continue;
    s.min = finite == 0 ? x : std::min(s.min, x);
    s.max = finite == 0 ? x : std::max(s.max, x);
    sum += x;
    ++finite;
  }
  s.not_finite = elements - finite;
  if (finite > 0) s.mean = sum / static_cast<double>(finite);
  return s;
}

}  // namespace monolite::tasks
