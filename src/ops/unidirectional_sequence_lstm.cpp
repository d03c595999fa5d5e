#include "ops/unidirectional_sequence_lstm.h"

#include "ops/op.h"

namespace monolite::ops {
namespace {

LstmOptions options_of(const UnidirectionalSequenceLstm& a) {
  return {a.fused_activation_function, a.cell_clip, a.proj_clip, a.time_major, a.asymmetric_quantize_inputs};
}

Expected<void> verify(const NodeView& n, const UnidirectionalSequenceLstm& a) {
  ML_TRY(n.expect_outputs(1));
  return verify_lstm(n, options_of(a), 3);
}

Expected<Shapes> infer(const NodeView& n, const UnidirectionalSequenceLstm& a) {
  Shape out = n.shape(lstm::kInput);
  out[2] = lstm_sizes(n, a.time_major).outputs;
  return Shapes{out};
}

Cost cost(const NodeView& n, const UnidirectionalSequenceLstm& a) { return lstm_cost(n, a.time_major); }

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
