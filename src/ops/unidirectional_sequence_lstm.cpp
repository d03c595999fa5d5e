#include "ops/unidirectional_sequence_lstm.h"

#include "ops/op.h"

namespace monolite::ops {
namespace {

LstmOptions options_of(const UnidirectionalSequenceLstm& a) {
  return {a.fused_activation_function, a.cell_clip, a.proj_clip, a.time_major, a.asymmetric_quantize_inputs};
}

Expected<void> verify(const NodeView& n, const UnidirectionalSequenceLstm& a) {
  ML_TRY(n.expect_outputs(1));
  return verify_lstm(n, options_of(a));
}

Expected<Shapes> infer(const NodeView& n, const UnidirectionalSequenceLstm& a) {
  Shape out = n.shape(lstm::kInput);
  out[2] = lstm_sizes(n, a.time_major).outputs;
  return Shapes{out};
}

// Every weight is used once for each batch and step.
Cost cost(const NodeView& n, const UnidirectionalSequenceLstm& a) {
  const LstmSizes s = lstm_sizes(n, a.time_major);
  int64_t weights = 0;
  for (int i = lstm::kInputWeights; i <= lstm::kProjection; ++i) {
    const bool is_bias = i >= lstm::kBiases && i < lstm::kProjection;
    if (n.has_input(i) && !is_bias) weights += n.shape(i).elements();
  }
  return {weights * s.batches * s.steps};
}

Expected<void> reference(const Evaluation& n, const UnidirectionalSequenceLstm& a) {
  const LstmOptions o = options_of(a);
  n.dtype(lstm::kInput) == DType::float32 ? run_lstm_float(n, o) : run_lstm_integer(n, o);
  return {};
}

}  // namespace

extern const OpDef unidirectional_sequence_lstm;
const OpDef unidirectional_sequence_lstm =
    define<UnidirectionalSequenceLstm>({.code = OpCode::UNIDIRECTIONAL_SEQUENCE_LSTM,
                                        .options = "UnidirectionalSequenceLSTMOptions",
                                        .verify = verify,
                                        .infer = infer,
                                        .cost = cost,
                                        .reference = reference});

}  // namespace monolite::ops
