// The integer LSTM cell: int8 input, output and weights, int16 gates (Q3 before, Q0 after their functions) and cell.

#include <algorithm>
#include <cmath>

#include "ops/fixed_point_math.h"
#include "ops/fixed_point_math_16.h"
#include "ops/lstm.h"

namespace monolite::ops {
namespace {

using namespace lstm;  // NOLINT: the names of the inputs
using q16::saturate;

// What a gate needs besides its weights. Products of scales are rounded to float32, as LiteRT does.
struct Gate {
  Multiplier input, recurrent, peephole, norm;
  int32_t variance_guard = 1;
  std::vector<int32_t> input_bias, recurrent_bias;  // with the zero points' share taken off
};

class Cell {
 public:
  Cell(const Evaluation& n, const LstmOptions& o) : n_(n), o_(o), s_(lstm_sizes(n, o.time_major)) {
    cell_exponent_ = static_cast<int>(std::round(std::log2(n.scale(kCellState))));
    for (const LstmGate g : {kInputGate, kForgetGate, kCellGate, kOutputGate}) {
      if (g != kInputGate || lstm_has_input_gate(n)) gates_[g] = make_gate(g);
    }
    const Quantization& hidden = n.graph().tensor(n.node().intermediates[4]).quantization;
    hidden_zero_point_ = static_cast<int32_t>(hidden.zero_point[0]);
    hidden_ = multiplier(static_cast<float>(std::pow(2, -15) / double{hidden.scale[0]} * std::pow(2, -15)));
    if (n.has_input(kProjection)) {
      projection_ = multiplier(n.scale(kProjection) * hidden.scale[0] / n.scale(kOutputState));
      projection_bias_ =
          bias_less(kProjection, n.has_input(kProjectionBias) ? kProjectionBias : -1, hidden_zero_point_);
    }
    cell_clip_ = static_cast<int16_t>(std::min(o.cell_clip / n.scale(kCellState), 32767.0f));
    output_clip_ = static_cast<int8_t>(std::min(o.proj_clip / n.output_scale(0), 127.0f));
  }

  void run() {
    for (int32_t b = 0; b < s_.batches; ++b) {
      for (int32_t t = 0; t < s_.steps; ++t) step(b, lstm_row(s_, o_.time_major, b, t));
    }
  }

 private:
  static Multiplier multiplier(float real) { return quantize_multiplier(double{real}); }

  // bias + factor * the sum of each row of the weights.
  std::vector<int32_t> bias_less(int weights, int bias, int32_t factor) const {
    const int32_t rows = n_.shape(weights)[0], columns = n_.shape(weights)[1];
    std::vector<int32_t> result(static_cast<size_t>(rows));
    if (bias >= 0) std::copy_n(n_.data<int32_t>(bias), rows, result.begin());
    const int8_t* w = n_.data<int8_t>(weights);
    for (int32_t& r : result) {
      int32_t sum = 0;
      for (int32_t c = 0; c < columns; ++c) sum += *w++;
      r += sum * factor;
    }
    return result;
  }

  Gate make_gate(LstmGate g) const {
    const bool has_norm = lstm_has_layer_norm(n_);
    const float scale = has_norm
                            ? n_.graph().tensor(n_.node().intermediates[static_cast<size_t>(g)]).quantization.scale[0]
                            : 1.0f / 4096;
    Gate gate;
    gate.input = multiplier(n_.scale(kInputWeights + g) * n_.scale(kInput) / scale);
    gate.recurrent = multiplier(n_.scale(kRecurrentWeights + g) * n_.scale(kOutputState) / scale);
    const int peephole = lstm_peephole(g);
    if (peephole >= 0 && n_.has_input(peephole)) {
      gate.peephole =
          multiplier(static_cast<float>(std::pow(2, cell_exponent_) * double{n_.scale(peephole)} / double{scale}));
    }
    if (has_norm) {
      const float norm = n_.scale(kLayerNorm + g);
      gate.norm = multiplier(norm);
      gate.norm.shift += 12;
      gate.variance_guard = std::max(1, static_cast<int32_t>(std::min(10000 * norm, 1e9f)));
    }
    gate.input_bias = bias_less(kInputWeights + g, has_norm ? -1 : kBiases + g, -n_.zero_point(kInput));
    gate.recurrent_bias = bias_less(kRecurrentWeights + g, -1, -n_.zero_point(kOutputState));
    return gate;
  }

  void step(int32_t b, int64_t row) {
    const int8_t* input = n_.data<int8_t>(kInput) + row * s_.inputs;
    int8_t* output_state = n_.variable<int8_t>(kOutputState) + int64_t{b} * s_.outputs;
    cell_state_ = n_.variable<int16_t>(kCellState) + int64_t{b} * s_.cells;
    std::vector<int16_t> input_gate;
    if (lstm_has_input_gate(n_)) input_gate = gate(kInputGate, input, output_state);
    const auto forget = gate(kForgetGate, input, output_state), cell = gate(kCellGate, input, output_state);
    for (size_t c = 0; c < forget.size(); ++c) {
      const int16_t admit = input_gate.empty() ? static_cast<int16_t>(32767 - forget[c]) : input_gate[c];
      const auto kept = static_cast<int16_t>(rounding_divide_by_pot(forget[c] * cell_state_[c], 15));
      const auto added = static_cast<int16_t>(rounding_divide_by_pot(admit * cell[c], 30 + cell_exponent_));
      cell_state_[c] = saturate(kept + added);
      if (cell_clip_ > 0) cell_state_[c] = std::clamp(cell_state_[c], static_cast<int16_t>(-cell_clip_), cell_clip_);
    }
    write_output(gate(kOutputGate, input, output_state), output_state);
    std::copy_n(output_state, s_.outputs, n_.out<int8_t>(0) + row * s_.outputs);
  }

  std::vector<int16_t> gate(LstmGate g, const int8_t* input, const int8_t* state) const {
    const Gate& gate = gates_[g];
    std::vector<int16_t> sums(static_cast<size_t>(s_.cells));
    add_product(kInputWeights + g, gate.input_bias, gate.input, input, s_.inputs, sums);
    add_product(kRecurrentWeights + g, gate.recurrent_bias, gate.recurrent, state, s_.outputs, sums);
    const int peephole = lstm_peephole(g);
    if (peephole >= 0 && n_.has_input(peephole)) {
      const int16_t* w = n_.data<int16_t>(peephole);
      for (size_t c = 0; c < sums.size(); ++c)
        sums[c] = saturate(multiply(w[c] * cell_state_[c], gate.peephole) + sums[c]);
    }
    if (lstm_has_layer_norm(n_)) normalize(g, sums);
    for (int16_t& x : sums) x = g == kCellGate ? q16::tanh(x, 3) : q16::logistic(x);
    return sums;
  }

  void add_product(int weights, const std::vector<int32_t>& bias, Multiplier scale, const int8_t* x, int32_t columns,
                   std::vector<int16_t>& sums) const {
    const int8_t* w = n_.data<int8_t>(weights);
    for (size_t r = 0; r < sums.size(); ++r) {
      int32_t sum = bias[r];
      for (int32_t c = 0; c < columns; ++c) sum += *w++ * x[c];
      sums[r] = saturate(multiply(sum, scale) + sums[r]);
    }
  }

  // To mean 0 and deviation 1 in Q10, then by the coefficients and the bias.
  void normalize(LstmGate g, std::vector<int16_t>& x) const {
    const Gate& gate = gates_[g];
    const auto count = static_cast<int64_t>(x.size());
    int64_t sum = 0, squares = 0;
    for (const int32_t v : x) {
      sum += v;
      squares += v * v;
    }
    const auto mean = static_cast<int32_t>(sum * 1024 / count);
    const int64_t variance_q20 = squares * ((1 << 20) / count) - int64_t{mean} * mean;
    auto variance = static_cast<int32_t>(variance_q20 / (1 << 20));
    if (variance < 1) variance = gate.variance_guard;
    const Multiplier inverse = inverse_square_root(variance);
    const int16_t* coefficients = n_.data<int16_t>(kLayerNorm + g);
    const int32_t* bias = n_.data<int32_t>(kBiases + g);
    for (size_t c = 0; c < x.size(); ++c) {
      const int32_t normalized = multiply(1024 * x[c] - mean, inverse);
      const int32_t scaled = normalized * coefficients[c] + bias[c];
      const auto rounded = static_cast<int32_t>((int64_t{scaled} + (scaled > 0 ? 512 : -512)) / 1024);
      x[c] = saturate(multiply(rounded, gate.norm));
    }
  }

  void write_output(const std::vector<int16_t>& output_gate, int8_t* output_state) const {
    const bool is_projected = n_.has_input(kProjection);
    const int32_t zero_point = is_projected ? -hidden_zero_point_ : hidden_zero_point_;
    std::vector<int8_t> hidden(output_gate.size());
    for (size_t c = 0; c < hidden.size(); ++c) {
      const int16_t squashed = q16::tanh(cell_state_[c], 15 + cell_exponent_);
      hidden[c] = static_cast<int8_t>(std::clamp(multiply(output_gate[c] * squashed, hidden_) + zero_point, -128, 127));
    }
    if (!is_projected) {
      std::copy(hidden.begin(), hidden.end(), output_state);
      return;
    }
    const int8_t* w = n_.data<int8_t>(kProjection);
    for (int32_t r = 0; r < s_.outputs; ++r) {
      int32_t sum = projection_bias_[static_cast<size_t>(r)];
      for (const int8_t h : hidden) sum += *w++ * h;
      const int32_t value = std::clamp(multiply(sum, projection_) + n_.zero_point(kOutputState), -128, 127);
      output_state[r] =
          static_cast<int8_t>(output_clip_ > 0 ? std::clamp<int32_t>(value, -output_clip_, output_clip_) : value);
    }
  }

  const Evaluation& n_;
  const LstmOptions& o_;
  const LstmSizes s_;
  Gate gates_[4];
  int cell_exponent_ = 0;
  int32_t hidden_zero_point_ = 0;
  Multiplier hidden_, projection_;
  std::vector<int32_t> projection_bias_;
  int16_t cell_clip_ = 0;
  int8_t output_clip_ = 0;
  int16_t* cell_state_ = nullptr;
};

}  // namespace

void run_lstm_integer(const Evaluation& n, const LstmOptions& o) { Cell(n, o).run(); }

}  // namespace monolite::ops
