#pragma once
// UNIDIRECTIONAL_SEQUENCE_LSTM: input [batch, time, inputs] (or [time, batch, inputs]) -> [batch, time, outputs]. The
// state is kept in two variable tensors between calls.

#include "ops/lstm.h"

namespace monolite::ops {

struct UnidirectionalSequenceLstm {  // the schema's UnidirectionalSequenceLSTMOptions
  Activation fused_activation_function = Activation::none;
  float cell_clip = 0, proj_clip = 0;  // 0: none
  bool time_major = false;
  bool asymmetric_quantize_inputs = false;
  bool diagonal_recurrent_tensors = false;  // a note: the recurrent weights' rank decides
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
    v("cell_clip", cell_clip);
    v("proj_clip", proj_clip);
    v("time_major", time_major);
    v("asymmetric_quantize_inputs", asymmetric_quantize_inputs);
    v("diagonal_recurrent_tensors", diagonal_recurrent_tensors);
  }
};

}  // namespace monolite::ops
