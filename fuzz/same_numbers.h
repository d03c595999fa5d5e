#pragma once
// Outputs of two models side by side.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fail.h"
#include "ops/evaluate.h"

namespace monolite::fuzz {

// Numbers from -1 to 1 for an input.
inline ops::Value picture(const std::vector<int64_t>& dims) {
  const Shape shape(std::vector<int32_t>(dims.begin(), dims.end()));
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  return {DType::float32, shape, Buffer::of(std::move(values))};
}

// The numbers of `got` are those of `want`, to within what another order of adding may do.
inline void expect_near(const char* what, const ops::Value& want, const ops::Value& got) {
  if (want.shape != got.shape) fail(what, to_string(want.shape) + " became " + to_string(got.shape));
  const auto count = static_cast<size_t>(want.shape.elements());
  double largest = 1e-3;
  for (size_t i = 0; i < count; ++i) {
    const double w = want.data.get<float>(i);
    if (!(std::abs(w) < 1e6)) return;  // sums of such numbers leave nothing of small ones
    largest = std::max(largest, std::abs(w));
  }
  for (size_t i = 0; i < count; ++i) {
    const double w = want.data.get<float>(i), g = got.data.get<float>(i);
    if (!(std::abs(w - g) <= 1e-3 * largest)) fail(what, std::to_string(w) + " became " + std::to_string(g));
  }
}

}  // namespace monolite::fuzz
