#pragma once
// LSTM cells with all their options: coupled input gate (CIFG), peepholes, projection, layer normalization; in floats,
// in floats with int8 weights, and in integers (8-bit activations and weights, 16-bit cell).

#include "ops/activation.h"
#include "ops/node_view.h"
#include "ops/op.h"

namespace monolite::ops {

// A node's inputs, in the order of LiteRT's full LSTM kernel. Gates are input, forget, cell, output.
namespace lstm {
inline constexpr int kInput = 0, kInputWeights = 1, kRecurrentWeights = 5, kPeepholes = 9, kBiases = 12;
inline constexpr int kProjection = 16, kProjectionBias = 17, kOutputState = 18, kCellState = 19, kLayerNorm = 20;
}  // namespace lstm

enum LstmGate : int { kInputGate = 0, kForgetGate = 1, kCellGate = 2, kOutputGate = 3 };

struct LstmOptions {
  Activation activation = Activation::tanh;
  float cell_clip = 0, proj_clip = 0;
  bool time_major = false;
  bool asymmetric = false;
};

struct LstmSizes {
  int32_t batches, steps, inputs, cells, outputs;
};
// An input of two dimensions, [batch, inputs], is a single step.
LstmSizes lstm_sizes(const NodeView& n, bool time_major);

inline bool lstm_has_input_gate(const NodeView& n) { return n.has_input(lstm::kInputWeights + kInputGate); }
inline bool lstm_has_layer_norm(const NodeView& n) { return n.has_input(lstm::kLayerNorm + kForgetGate); }

// The input index of a gate's peephole weights; -1 for the cell gate, which has none.
inline int lstm_peephole(LstmGate gate) {
  return gate == kCellGate ? -1 : lstm::kPeepholes + (gate == kOutputGate ? 2 : static_cast<int>(gate));
}

// Checks shapes, types, and which optional tensors must come together; the input has `rank` dimensions.
Expected<void> verify_lstm(const NodeView& n, const LstmOptions& o, int rank);

// Where step t of batch b lies, in rows of the input or output.
inline int64_t lstm_row(const LstmSizes& s, bool time_major, int32_t b, int32_t t) {
  return time_major ? int64_t{t} * s.batches + b : int64_t{b} * s.steps + t;
}

// Every weight is used once for each batch and step.
Cost lstm_cost(const NodeView& n, bool time_major);

// Runs the whole sequence for float32 inputs (weights float32, or int8 with inputs and state quantized at each step).
void run_lstm_float(const Evaluation& n, const LstmOptions& o);
// The same for int8 inputs.
void run_lstm_integer(const Evaluation& n, const LstmOptions& o);

}  // namespace monolite::ops
