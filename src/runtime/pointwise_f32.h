#pragma once
// Which CONV_2D a float32 step may compute pixel by pixel, and how with the depthwise one behind it.

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

// Is it, before a depthwise convolution, computed for all pixels and some channels at a time? Then kPanel channels of
// the picture fit the L2 cache (a kernel's panel has as many or fewer), and every thread has some.
inline bool runs_in_blocks_f32(const Planner& planner, size_t conv) {
  constexpr int64_t kPanel = 64;
  constexpr int64_t kLeastBytes = 256 << 10;  // of the result: smaller ones stay in the cache anyway
  constexpr int64_t kMostBlockBytes = 384 << 10;
  constexpr int64_t kPanelsPerThread = 3;
  constexpr auto kFloat = static_cast<int64_t>(sizeof(float));
  const Shape& out = planner.view(conv).output_shape(0);
  return is_pointwise_f32(planner, conv) && out.elements() * kFloat >= kLeastBytes &&
         int64_t{out[1]} * out[2] * kPanel * kFloat <= kMostBlockBytes &&
         (planner.threads() == 1 || out[3] / kPanel * out[0] >= kPanelsPerThread * planner.threads());
}

}  // namespace monolite::runtime
