#pragma once
// Which CONV_2D a float32 step may compute pixel by pixel.

#include "ops/conv_2d.h"
#include "runtime/planner.h"

namespace monolite::runtime {

// One group, a window of one pixel, stride 1, weights and bias known.
inline bool is_pointwise_f32(const Planner& planner, size_t conv) {
  constexpr int kInput = 0, kFilter = 1;
  const ops::NodeView n = planner.view(conv);
  const Shape& filter = n.shape(kFilter);
  const auto a = n.attributes<ops::Conv2D>();
  return n.dtype(kInput) == DType::float32 && n.dtype(kFilter) == DType::float32 && planner.are_known(conv, kFilter) &&
         filter[1] == 1 && filter[2] == 1 && a.stride_h == 1 && a.stride_w == 1 && filter[3] == n.shape(kInput)[3] &&
         n.shape(kInput).elements() > 0;
}

}  // namespace monolite::runtime
