#pragma once
// CONV_2D: input [N, H, W, C], filter [K, h, w, C / groups], optional bias [K] -> [N, H', W', K].

#include "ops/activation.h"
#include "ops/window.h"

namespace monolite::ops {

struct Conv2D {  // the schema's Conv2DOptions
  Padding padding = Padding::same;
  int32_t stride_w = 0, stride_h = 0;
  Activation fused_activation_function = Activation::none;
  int32_t dilation_w_factor = 1, dilation_h_factor = 1;
  DType quantized_bias_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("padding", padding);
    v("stride_w", stride_w);
    v("stride_h", stride_h);
    v("fused_activation_function", fused_activation_function);
    v("dilation_w_factor", dilation_w_factor);
    v("dilation_h_factor", dilation_h_factor);
    v("quantized_bias_type", quantized_bias_type);
  }
};

}  // namespace monolite::ops
