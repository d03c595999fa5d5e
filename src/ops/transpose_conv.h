#pragma once
// TRANSPOSE_CONV: output shape, filter [K, h, w, C], input [N, H, W, C], optional bias [K] -> [N, H', W', K]. Each
// input pixel adds its filter's window to the output: what a convolution from H' x W' to H x W does, backwards.

#include "ops/activation.h"
#include "ops/window.h"

namespace monolite::ops {

struct TransposeConv {  // the schema's TransposeConvOptions
  Padding padding = Padding::same;
  int32_t stride_w = 0, stride_h = 0;
  Activation fused_activation_function = Activation::none;
  DType quantized_bias_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("padding", padding);
    v("stride_w", stride_w);
    v("stride_h", stride_h);
    v("fused_activation_function", fused_activation_function);
    v("quantized_bias_type", quantized_bias_type);
  }
};

}  // namespace monolite::ops
