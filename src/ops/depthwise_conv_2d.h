#pragma once
// DEPTHWISE_CONV_2D: input [N, H, W, C], filter [1, h, w, C * multiplier], optional bias [C * multiplier]
// -> [N, H', W', C * multiplier]. Output channel c reads input channel c / multiplier.

#include "ops/activation.h"
#include "ops/window.h"

namespace monolite::ops {

struct DepthwiseConv2D {  // the schema's DepthwiseConv2DOptions
  Padding padding = Padding::same;
  int32_t stride_w = 0, stride_h = 0;
  int32_t depth_multiplier = 0;  // a note: the shapes decide
  Activation fused_activation_function = Activation::none;
  int32_t dilation_w_factor = 1, dilation_h_factor = 1;
  template <class V>
  void visit(V&& v) {
    v("padding", padding);
    v("stride_w", stride_w);
    v("stride_h", stride_h);
    v("depth_multiplier", depth_multiplier);
    v("fused_activation_function", fused_activation_function);
    v("dilation_w_factor", dilation_w_factor);
    v("dilation_h_factor", dilation_h_factor);
  }
};

}  // namespace monolite::ops
