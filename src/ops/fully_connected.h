#pragma once
// FULLY_CONNECTED: input [..., D], weights [K, D], optional bias [K] -> [N, K], or [..., K] where dimensions are kept.

#include "ops/activation.h"

namespace monolite::ops {

enum class WeightsFormat : int8_t { plain = 0, shuffled_4x16_int8 = 1 };

struct FullyConnected {  // the schema's FullyConnectedOptions
  Activation fused_activation_function = Activation::none;
  WeightsFormat weights_format = WeightsFormat::plain;
  bool keep_num_dims = false;
  bool asymmetric_quantize_inputs = false;
  DType quantized_bias_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
    v("weights_format", weights_format);
    v("keep_num_dims", keep_num_dims);
    v("asymmetric_quantize_inputs", asymmetric_quantize_inputs);
    v("quantized_bias_type", quantized_bias_type);
  }
};

}  // namespace monolite::ops
