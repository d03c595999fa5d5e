#pragma once
// LSTM: one step of a cell: input [batch, inputs] -> [batch, outputs]. The state is kept in two variable tensors.

#include "ops/lstm.h"

namespace monolite::ops {

enum class LstmKernelType : int8_t { full = 0, basic = 1 };

struct LstmStep {  // the schema's LSTMOptions
  Activation fused_activation_function = Activation::none;
  float cell_clip = 0, proj_clip = 0;  // 0: none
  LstmKernelType kernel_type = LstmKernelType::full;
  bool asymmetric_quantize_inputs = false;
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
    v("cell_clip", cell_clip);
    v("proj_clip", proj_clip);
    v("kernel_type", kernel_type);
    v("asymmetric_quantize_inputs", asymmetric_quantize_inputs);
  }
};

}  // namespace monolite::ops
