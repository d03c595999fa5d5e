#include "ops/lstm_step.h"

#include "ops/op.h"

namespace monolite::ops {
namespace {

LstmOptions options_of(const LstmStep& a) {
  return {a.fused_activation_function, a.cell_clip, a.proj_clip, false, a.asymmetric_quantize_inputs};
}

Expected<void> verify(const NodeView& n, const LstmStep& a) {
  if (a.kernel_type != LstmKernelType::full) {
    return Unexpected(n.fail("kernel_type BASIC", "FULL", "convert the model again with a current converter"));
  }
  ML_TRY(n.expect_outputs(1));
  return verify_lstm(n, options_of(a), 2);
}

Expected<Shapes> infer(const NodeView& n, const LstmStep&) {
  const LstmSizes s = lstm_sizes(n, false);
  return Shapes{{s.batches, s.outputs}};
}

Cost cost(const NodeView& n, const LstmStep&) { return lstm_cost(n, false); }

Expected<void> reference(const Evaluation& n, const LstmStep& a) {
  const LstmOptions o = options_of(a);
  n.dtype(lstm::kInput) == DType::float32 ? run_lstm_float(n, o) : run_lstm_integer(n, o);
  return {};
}

}  // namespace

extern const OpDef lstm_step;
const OpDef lstm_step = define<LstmStep>({.code = OpCode::LSTM,
                                          .options = "LSTMOptions",
                                          .verify = verify,
                                          .infer = infer,
                                          .cost = cost,
                                          .reference = reference});

}  // namespace monolite::ops
