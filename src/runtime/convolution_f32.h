#pragma once
// Which CONV_2D the float32 steps take.

#include "ops/conv_2d.h"
#include "runtime/planner.h"

namespace monolite::runtime {

// A CONV_2D or FULLY_CONNECTED in float32 whose weights and bias are known.
inline bool is_product_f32(const Planner& planner, size_t node) {
  constexpr int kInput = 0, kFilter = 1;
  const ops::NodeView n = planner.view(node);
  return (n.node().op == OpCode::CONV_2D || n.node().op == OpCode::FULLY_CONNECTED) &&
         n.dtype(kInput) == DType::float32 && n.dtype(kFilter) == DType::float32 && planner.are_known(node, kFilter);
}

// A CONV_2D among them, of one group.
inline bool is_convolution_f32(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  return n.node().op == OpCode::CONV_2D && is_product_f32(planner, node) && n.shape(1)[3] == n.shape(0)[3];
}

// A CONV_2D among these, with a window of one pixel and stride 1.
inline bool is_pointwise_f32(const Planner& planner, size_t node) {
  if (!is_convolution_f32(planner, node)) return false;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::Conv2D>();
  return n.shape(1)[1] == 1 && n.shape(1)[2] == 1 && a.stride_h == 1 && a.stride_w == 1;
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
