#include "ops/lstm.h"

#include <fmt/format.h>

#include <cmath>

namespace monolite::ops {
namespace {

using namespace lstm;  // NOLINT: the names of the inputs

Expected<void> expect_shape(const NodeView& n, int i, const Shape& shape) {
  if (n.shape(i) == shape) return {};
  return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)), to_string(shape)));
}

bool is_integer_lstm(const NodeView& n) { return n.dtype(kInput) == DType::int8; }

Expected<void> verify_weights(const NodeView& n, int i, const Shape& shape) {
  ML_TRY(expect_shape(n, i, shape));
  if (is_integer_lstm(n)) {
    ML_TRY(n.expect_dtype(i, {DType::int8}));
  } else {
    ML_TRY(n.expect_dtype(i, {n.dtype(kInputWeights + kOutputGate)}));
    ML_TRY(n.expect_dtype(i, {DType::float32, DType::int8}));
  }
  return n.dtype(i) == DType::int8 ? n.expect_quantized(i) : Expected<void>();
}

Expected<void> verify_vector(const NodeView& n, int i, int32_t length, DType integer) {
  ML_TRY(expect_shape(n, i, {length}));
  ML_TRY(n.expect_dtype(i, {is_integer_lstm(n) ? integer : DType::float32}));
  return integer == DType::int16 && is_integer_lstm(n) ? n.expect_quantized(i) : Expected<void>();
}

Expected<void> verify_peephole(const NodeView& n, int i, int32_t cells) {
  if (is_integer_lstm(n) || n.dtype(i) != DType::int8) return verify_vector(n, i, cells, DType::int16);
  ML_TRY(expect_shape(n, i, {cells}));
  return n.expect_quantized(i);
}

Expected<void> verify_gate(const NodeView& n, LstmGate gate, const LstmSizes& s) {
  const int recurrent = kRecurrentWeights + gate;
  for (const int i : {kInputWeights + gate, recurrent, kBiases + gate}) {
    if (!n.has_input(i))
      return Unexpected(n.fail(fmt::format("input {} is left out", i), "weights and biases of each gate"));
  }
  ML_TRY(verify_weights(n, kInputWeights + gate, {s.cells, s.inputs}));
  const bool is_diagonal = n.shape(recurrent).rank() == 1 && !is_integer_lstm(n) && s.outputs == s.cells;
  if (is_diagonal) {
    ML_TRY(expect_shape(n, recurrent, {s.cells}));
    ML_TRY(n.expect_dtype(recurrent, {DType::float32}));
  } else {
    ML_TRY(verify_weights(n, recurrent, {s.cells, s.outputs}));
  }
  ML_TRY(verify_vector(n, kBiases + gate, s.cells, DType::int32));
  const int peephole = lstm_peephole(gate);
  if (peephole >= 0) {
    if (n.has_input(peephole) != n.has_input(lstm_peephole(kOutputGate))) {
      return Unexpected(n.fail("peephole weights of some gates only", "of all gates, or of none"));
    }
    if (n.has_input(peephole)) ML_TRY(verify_peephole(n, peephole, s.cells));
  }
  if (!lstm_has_layer_norm(n)) return {};
  if (!n.has_input(kLayerNorm + gate))
    return Unexpected(n.fail("layer normalization of some gates only", "of all gates"));
  return verify_vector(n, kLayerNorm + gate, s.cells, DType::int16);
}

Expected<void> verify_state(const NodeView& n, int i, int64_t elements, DType integer) {
  if (!n.input(i).is_variable || n.shape(i).elements() != elements) {
    return Unexpected(
        n.fail_input(i, "shape " + to_string(n.shape(i)), fmt::format("a variable of {} elements", elements)));
  }
  return n.expect_dtype(i, {is_integer_lstm(n) ? integer : DType::float32});
}

Expected<void> verify_projection(const NodeView& n, const LstmSizes& s) {
  if (!n.has_input(kProjection)) {
    if (s.outputs == s.cells && !n.has_input(kProjectionBias)) return {};
    return Unexpected(
        n.fail(fmt::format("{} outputs of {} cells without a projection", s.outputs, s.cells), "as many"));
  }
  ML_TRY(verify_weights(n, kProjection, {s.outputs, s.cells}));
  return n.has_input(kProjectionBias) ? verify_vector(n, kProjectionBias, s.outputs, DType::int32) : Expected<void>();
}

// Scale and zero point of an intermediate tensor, which only the integer cell reads.
Expected<void> verify_intermediates(const NodeView& n) {
  const auto& ids = n.node().intermediates;
  if (ids.size() != 5) {
    return Unexpected(
        n.fail(fmt::format("{} intermediate tensors", ids.size()), "5, with the scales inside of the cell"));
  }
  for (size_t i = lstm_has_layer_norm(n) ? 0 : 4; i < 5; ++i) {
    if (ids[i] == kNoTensor || (i < 4 && static_cast<int>(i) == kInputGate && !lstm_has_input_gate(n))) continue;
    const Quantization& q = n.graph().tensor(ids[i]).quantization;
    if (q.scale.size() != 1 || q.zero_point.size() != 1 || !std::isfinite(q.scale[0]) || q.scale[0] <= 0) {
      return Unexpected(n.fail(fmt::format("intermediate tensor {} without a usable scale", i), "one scale above 0"));
    }
  }
  return ids[4] == kNoTensor
             ? Expected<void>(Unexpected(n.fail("no intermediate tensor 4", "the scale of the hidden state")))
             : Expected<void>();
}

Expected<void> verify_integer(const NodeView& n, const LstmSizes& s) {
  ML_TRY(n.expect_quantized(kInput));
  ML_TRY(n.expect_quantized(kOutputState));
  ML_TRY(n.expect_quantized(kCellState));
  ML_TRY(n.expect_output_quantized(0));
  ML_TRY(verify_intermediates(n));
  const float log2 = std::log2(n.scale(kCellState));
  if (std::abs(log2 - std::round(log2)) >= 1e-3f || log2 < -15.5f || log2 > -8.5f) {
    return Unexpected(
        n.fail_input(kCellState, fmt::format("scale {}", n.scale(kCellState)), "a power of two, 2^-15 to 2^-9"));
  }
  if (n.has_input(lstm_peephole(kOutputGate)) && s.outputs != s.cells) {
    return Unexpected(n.fail("peephole weights together with a projection to another size", "one of them",
                             "LiteRT's integer cell mixes up their lengths; use a float model"));
  }
  return {};
}

}  // namespace

LstmSizes lstm_sizes(const NodeView& n, bool time_major) {
  const Shape& in = n.shape(kInput);
  const int32_t cells = n.shape(kInputWeights + kOutputGate)[0];
  const int32_t outputs = n.shape(kRecurrentWeights + kOutputGate).back(0);
  if (in.rank() == 2) return {in[0], 1, in[1], cells, outputs};
  return {in[time_major ? 1 : 0], in[time_major ? 0 : 1], in[2], cells, outputs};
}

Cost lstm_cost(const NodeView& n, bool time_major) {
  const LstmSizes s = lstm_sizes(n, time_major);
  int64_t weights = 0;
  for (int i = kInputWeights; i <= kProjection; ++i) {
    const bool is_bias = i >= kBiases && i < kProjection;
    if (n.has_input(i) && !is_bias) weights += n.shape(i).elements();
  }
  return {weights * s.batches * s.steps};
}

Expected<void> verify_lstm(const NodeView& n, const LstmOptions& o, int rank) {
  if (n.input_count() != 20 && n.input_count() != 24) {
    return Unexpected(n.fail(fmt::format("{} inputs", n.input_count()), "20, or 24 with layer normalization"));
  }
  for (const int i : {kInput, kInputWeights + kOutputGate, kRecurrentWeights + kOutputGate, kOutputState, kCellState}) {
    if (!n.has_input(i)) return Unexpected(n.fail(fmt::format("input {} is left out", i), "a tensor"));
  }
  ML_TRY(n.expect_rank(kInput, rank));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::int8}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_rank(kInputWeights + kOutputGate, 2));
  ML_TRY(n.expect_rank(kRecurrentWeights + kOutputGate, 1, 2));
  const auto activation = o.activation;
  if (activation < Activation::relu || activation > Activation::tanh || !(o.cell_clip >= 0) || !(o.proj_clip >= 0)) {
    return Unexpected(
        n.fail(fmt::format("activation {}, clips {} and {}", static_cast<int>(activation), o.cell_clip, o.proj_clip),
               "RELU, RELU_N1_TO_1, RELU6 or TANH; clips of at least 0"));
  }
  const LstmSizes s = lstm_sizes(n, o.time_major);
  if (s.cells < 1 || s.outputs < 1)
    return Unexpected(n.fail("a cell without elements", "at least 1 cell and 1 output"));
  for (const LstmGate gate : {kInputGate, kForgetGate, kCellGate, kOutputGate}) {
    if (gate != kInputGate || lstm_has_input_gate(n)) ML_TRY(verify_gate(n, gate, s));
  }
  ML_TRY(verify_projection(n, s));
  ML_TRY(verify_state(n, kOutputState, int64_t{s.batches} * s.outputs, DType::int8));
  ML_TRY(verify_state(n, kCellState, int64_t{s.batches} * s.cells, DType::int16));
  return is_integer_lstm(n) ? verify_integer(n, s) : Expected<void>();
}

}  // namespace monolite::ops
