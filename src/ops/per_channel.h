#pragma once
// Quantization along one dimension: a tensor seen as [outer, channels, inner].

#include <cstdint>

#include "ir/quantization.h"
#include "ir/shape.h"

namespace monolite::ops {

// Calls run(first element, elements, scale, zero point) for each stretch of elements with one scale: the whole tensor
// where there is one scale only. The quantization must have passed one of NodeView's checks for this shape.
template <class Run>
void for_each_scale(const Shape& shape, const Quantization& q, Run run) {
  const auto zero_point = [&](size_t c) {
    if (q.zero_point.empty()) return 0;
    return static_cast<int32_t>(q.zero_point[q.zero_point.size() == q.scale.size() ? c : 0]);
  };
  if (q.scale.size() == 1) return run(int64_t{0}, shape.elements(), q.scale[0], zero_point(0));
  const int64_t outer = shape.elements(0, q.dimension), inner = shape.elements(q.dimension + 1, shape.rank());
  int64_t first = 0;
  for (int64_t o = 0; o < outer; ++o) {
    for (size_t c = 0; c < q.scale.size(); ++c, first += inner) run(first, inner, q.scale[c], zero_point(c));
  }
}

}  // namespace monolite::ops
