// The float LSTM cell; with int8 weights its input, state and hidden values are quantized row by row.

#include <algorithm>
#include <cmath>

#include "ops/hybrid.h"
#include "ops/lstm.h"

namespace monolite::ops {
namespace {

using namespace lstm;  // NOLINT: the names of the inputs

// A vector of floats, and the same quantized for products with int8 weights.
struct Row {
  const float* values;
  QuantizedRows quantized;
};

class Cell {
 public:
  Cell(const Evaluation& n, const LstmOptions& o) : n_(n), o_(o), s_(lstm_sizes(n, o.time_major)) {}

  void run() {
    for (int32_t b = 0; b < s_.batches; ++b) {
      for (int32_t t = 0; t < s_.steps; ++t) step(b, lstm_row(s_, o_.time_major, b, t));
    }
  }

 private:
  void step(int32_t b, int64_t row) {
    float* output_state = n_.variable<float>(kOutputState) + int64_t{b} * s_.outputs;
    cell_state_ = n_.variable<float>(kCellState) + int64_t{b} * s_.cells;
    const Row input = prepare(n_.data<float>(kInput) + row * s_.inputs, s_.inputs);
    const Row state = prepare(output_state, s_.outputs);
    std::vector<float> input_gate;
    if (lstm_has_input_gate(n_)) input_gate = gate(kInputGate, input, state);
    const std::vector<float> forget = gate(kForgetGate, input, state), cell = gate(kCellGate, input, state);
    for (size_t c = 0; c < forget.size(); ++c) {
      const float admit = input_gate.empty() ? 1.0f - forget[c] : input_gate[c];
      cell_state_[c] = forget[c] * cell_state_[c] + cell[c] * admit;
      if (o_.cell_clip > 0) cell_state_[c] = std::clamp(cell_state_[c], -o_.cell_clip, o_.cell_clip);
    }
    std::vector<float> hidden = gate(kOutputGate, input, state);
    for (size_t c = 0; c < hidden.size(); ++c) hidden[c] *= activate(cell_state_[c]);
    write_output(hidden, output_state);
    std::copy_n(output_state, s_.outputs, n_.out<float>(0) + row * s_.outputs);
  }

  // sigmoid (or the activation, for the cell gate) of everything that flows into a gate.
  std::vector<float> gate(LstmGate g, const Row& input, const Row& state) const {
    const float* bias = n_.data<float>(kBiases + g);
    std::vector<float> sums(static_cast<size_t>(s_.cells));
    if (!lstm_has_layer_norm(n_)) std::copy_n(bias, s_.cells, sums.begin());
    add_product(kInputWeights + g, input, s_.inputs, sums);
    add_recurrent(kRecurrentWeights + g, state, sums);
    const int peephole = lstm_peephole(g);
    if (peephole >= 0 && n_.has_input(peephole)) add_peephole(peephole, sums);
    if (lstm_has_layer_norm(n_)) normalize(n_.data<float>(kLayerNorm + g), bias, sums);
    for (float& x : sums) x = g == kCellGate ? activate(x) : 1.0f / (1.0f + std::exp(-x));
    return sums;
  }

  Row prepare(const float* values, int32_t length) const {
    const bool hybrid = n_.dtype(kInputWeights + kOutputGate) == DType::int8;
    return {values, hybrid ? quantize_rows(values, 1, length, o_.asymmetric) : QuantizedRows{}};
  }

  void add_product(int weights, const Row& row, int32_t columns, std::vector<float>& sums) const {
    for (size_t r = 0; r < sums.size(); ++r) {
      const int64_t first = static_cast<int64_t>(r) * columns;
      sums[r] += n_.dtype(weights) == DType::float32
                     ? dot(n_.data<float>(weights) + first, row, columns)
                     : dot(n_.data<int8_t>(weights) + first, row, columns) * n_.scale(weights);
    }
  }
  static float dot(const float* weights, const Row& row, int32_t columns) {
    float sum = 0;
    for (int32_t c = 0; c < columns; ++c) sum += weights[c] * row.values[c];
    return sum;
  }
  static float dot(const int8_t* weights, const Row& row, int32_t columns) {
    int32_t sum = 0;
    for (int32_t c = 0; c < columns; ++c) {
      sum += weights[c] * (row.quantized.values[static_cast<size_t>(c)] - row.quantized.zero_point[0]);
    }
    return static_cast<float>(sum) * row.quantized.scale[0];
  }

  void add_recurrent(int weights, const Row& state, std::vector<float>& sums) const {
    if (n_.shape(weights).rank() == 2) return add_product(weights, state, s_.outputs, sums);
    for (size_t c = 0; c < sums.size(); ++c) sums[c] += n_.data<float>(weights)[c] * state.values[c];
  }

  void add_peephole(int weights, std::vector<float>& sums) const {
    for (size_t c = 0; c < sums.size(); ++c) {
      const float w = n_.dtype(weights) == DType::float32
                          ? n_.data<float>(weights)[c]
                          : static_cast<float>(n_.data<int8_t>(weights)[c]) * n_.scale(weights);
      sums[c] += w * cell_state_[c];
    }
  }

  // To mean 0 and deviation 1, then by the coefficients and the bias.
  static void normalize(const float* coefficients, const float* bias, std::vector<float>& x) {
    const auto count = static_cast<float>(x.size());
    float sum = 0, squares = 0;
    for (const float v : x) sum += v;
    const float mean = sum / count;
    for (const float v : x) squares += (v - mean) * (v - mean);
    const float inverse = 1.0f / std::sqrt(squares / count + 1e-8f);
    for (size_t c = 0; c < x.size(); ++c) x[c] = (x[c] - mean) * inverse * coefficients[c] + bias[c];
  }

  float activate(float x) const {
    return o_.activation == Activation::tanh ? std::tanh(x) : clamp(x, float_range(o_.activation));
  }

  void write_output(const std::vector<float>& hidden, float* output_state) const {
    if (!n_.has_input(kProjection)) {
      std::copy(hidden.begin(), hidden.end(), output_state);
      return;
    }
    std::vector<float> projected(static_cast<size_t>(s_.outputs));
    if (n_.has_input(kProjectionBias)) std::copy_n(n_.data<float>(kProjectionBias), s_.outputs, projected.begin());
    add_product(kProjection, prepare(hidden.data(), s_.cells), s_.cells, projected);
    for (size_t i = 0; i < projected.size(); ++i) {
      output_state[i] = o_.proj_clip > 0 ? std::clamp(projected[i], -o_.proj_clip, o_.proj_clip) : projected[i];
    }
  }

  const Evaluation& n_;
  const LstmOptions& o_;
  const LstmSizes s_;
  float* cell_state_ = nullptr;
};

}  // namespace

void run_lstm_float(const Evaluation& n, const LstmOptions& o) { Cell(n, o).run(); }

}  // namespace monolite::ops
