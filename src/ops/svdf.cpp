// SVDF: a layer of filters of low rank over time. Each filter is a product of weights over features and weights over
// the last steps; what its features gave in these steps is kept in a variable tensor between inferences.

#include <fmt/format.h>

#include <algorithm>

#include "base/fixed_point.h"
#include "ops/activation.h"
#include "ops/hybrid.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kFeatureWeights = 1, kTimeWeights = 2, kBias = 3, kState = 4;

struct Svdf {  // the schema's SVDFOptions
  int32_t rank = 0;
  Activation fused_activation_function = Activation::none;
  bool asymmetric_quantize_inputs = false;
  template <class V>
  void visit(V&& v) {
    v("rank", rank);
    v("fused_activation_function", fused_activation_function);
    v("asymmetric_quantize_inputs", asymmetric_quantize_inputs);
  }
};

struct Sizes {
  int64_t batches, features, filters, steps, rank;
  int64_t units() const { return filters / rank; }
};

Sizes sizes(const NodeView& n, const Svdf& a) {
  return {n.shape(kInput)[0], n.shape(kInput)[1], n.shape(kFeatureWeights)[0], n.shape(kTimeWeights)[1], a.rank};
}

Expected<void> expect_shape(const NodeView& n, int i, const Shape& wanted) {
  if (n.shape(i) == wanted) return {};
  return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)), to_string(wanted)));
}

Expected<void> verify_shapes(const NodeView& n, const Svdf& a) {
  for (const int i : {kInput, kFeatureWeights, kTimeWeights, kState}) ML_TRY(n.expect_rank(i, 2));
  const int32_t filters = n.shape(kFeatureWeights)[0], steps = n.shape(kTimeWeights)[1];
  if (a.rank < 1 || filters % a.rank != 0) {
    return Unexpected(n.fail(fmt::format("rank {}", a.rank), fmt::format("a divisor of {} filters", filters)));
  }
  if (steps < 1) return Unexpected(n.fail_input(kTimeWeights, "no step", "at least one"));
  ML_TRY(expect_shape(n, kFeatureWeights, {filters, n.shape(kInput)[1]}));
  ML_TRY(expect_shape(n, kTimeWeights, {filters, steps}));
  if (n.has_input(kBias)) ML_TRY(expect_shape(n, kBias, {filters / a.rank}));
  const int64_t kept = int64_t{filters} * steps;
  if (n.input(kState).is_variable && n.shape(kState)[0] == n.shape(kInput)[0] && n.shape(kState)[1] == kept) return {};
  return Unexpected(n.fail_input(kState, "shape " + to_string(n.shape(kState)),
                                 fmt::format("a variable of {} x {}", n.shape(kInput)[0], kept)));
}

Expected<void> verify_types(const NodeView& n) {
  const bool is_integer = n.dtype(kInput) == DType::int8;
  const bool has_bias = n.has_input(kBias);
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::int8}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  if (is_integer) {
    ML_TRY(n.expect_dtype(kFeatureWeights, {DType::int8}));
    ML_TRY(n.expect_dtype(kTimeWeights, {DType::int16}));
    ML_TRY(n.expect_dtype(kState, {DType::int16}));
    if (has_bias) ML_TRY(n.expect_dtype(kBias, {DType::int32}));
    for (const int i : {kInput, kFeatureWeights, kTimeWeights, kState}) ML_TRY(n.expect_quantized(i));
    return n.expect_output_quantized(0);
  }
  ML_TRY(n.expect_dtype(kFeatureWeights, {DType::float32, DType::int8}));
  ML_TRY(n.expect_dtype(kTimeWeights, {n.dtype(kFeatureWeights)}));
  ML_TRY(n.expect_dtype(kState, {DType::float32}));
  if (has_bias) ML_TRY(n.expect_dtype(kBias, {DType::float32}));
  if (!is_hybrid(n, kInput, kFeatureWeights)) return {};
  ML_TRY(n.expect_quantized(kFeatureWeights));
  return n.expect_quantized(kTimeWeights);
}

Expected<void> verify(const NodeView& n, const Svdf& a) {
  ML_TRY(n.expect_inputs(3, 5));
  if (!n.has_input(kState)) return Unexpected(n.fail("no state", "a variable as input 4"));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  ML_TRY(verify_shapes(n, a));
  ML_TRY(verify_types(n));
  if (n.dtype(kInput) != DType::int8 || a.fused_activation_function == Activation::relu) return {};
  return Unexpected(n.fail("no RELU", "RELU, which is all that LiteRT's kernel knows in 8 bits"));
}

Expected<Shapes> infer(const NodeView& n, const Svdf& a) {
  return Shapes{{n.shape(kInput)[0], n.shape(kFeatureWeights)[0] / a.rank}};
}

Cost cost(const NodeView& n, const Svdf& a) {
  const Sizes s = sizes(n, a);
  return {s.batches * s.filters * (s.features + s.steps)};
}

// Forgets each filter's oldest step; the newest is written next.
template <class T>
void age(T* state, const Sizes& s) {
  for (int64_t row = 0; row < s.batches * s.filters; ++row, state += s.steps)
    std::copy_n(state + 1, s.steps - 1, state);
}

// The sum over a unit's filters, and over their steps, of what they kept times their weights.
template <class Acc, class State, class Weight>
Acc over_time(const Sizes& s, const State* state, const Weight* weights) {
  Acc all = 0;
  for (int64_t r = 0; r < s.rank; ++r) {
    Acc filter = 0;
    for (int64_t t = 0; t < s.steps; ++t, ++state, ++weights) filter += static_cast<Acc>(*state) * *weights;
    all += filter;
  }
  return all;
}

// Each output: finish(sum over time, unit).
template <class Acc, class State, class Weight, class Out, class Finish>
void combine(const Sizes& s, const State* state, const Weight* weights, Out* out, const Finish& finish) {
  for (int64_t b = 0; b < s.batches; ++b) {
    for (int64_t u = 0; u < s.units(); ++u) {
      const int64_t first = u * s.rank * s.steps;
      *out++ = finish(over_time<Acc>(s, state + b * s.filters * s.steps + first, weights + first), u);
    }
  }
}

void float_features(const Evaluation& n, const Sizes& s, float* state) {
  const float* weights = n.data<float>(kFeatureWeights);
  for (int64_t b = 0; b < s.batches; ++b) {
    const float* row = n.data<float>(kInput) + b * s.features;
    for (int64_t f = 0; f < s.filters; ++f) {
      float sum = 0;
      for (int64_t i = 0; i < s.features; ++i) sum += weights[f * s.features + i] * row[i];
      state[(b * s.filters + f) * s.steps + s.steps - 1] = sum;
    }
  }
}

void hybrid_features(const Evaluation& n, const Svdf& a, const Sizes& s, float* state) {
  const QuantizedRows rows = quantize_rows(n.data<float>(kInput), s.batches, s.features, a.asymmetric_quantize_inputs);
  const int8_t* weights = n.data<int8_t>(kFeatureWeights);
  for (int64_t b = 0; b < s.batches; ++b) {
    const int8_t* row = rows.values.data() + b * s.features;
    const float scale = rows.scale[static_cast<size_t>(b)] * n.scale(kFeatureWeights);
    for (int64_t f = 0; f < s.filters; ++f) {
      int32_t sum = 0;
      for (int64_t i = 0; i < s.features; ++i) {
        sum += weights[f * s.features + i] * (row[i] - rows.zero_point[static_cast<size_t>(b)]);
      }
      state[(b * s.filters + f) * s.steps + s.steps - 1] = static_cast<float>(sum) * scale;
    }
  }
}

std::vector<float> float_time_weights(const Evaluation& n, const Sizes& s) {
  const auto count = static_cast<size_t>(s.filters * s.steps);
  if (n.dtype(kTimeWeights) == DType::float32) {
    const float* weights = n.data<float>(kTimeWeights);
    return {weights, weights + count};
  }
  std::vector<float> weights(count);
  const int8_t* quantized = n.data<int8_t>(kTimeWeights);
  for (size_t i = 0; i < count; ++i) weights[i] = static_cast<float>(quantized[i]) * n.scale(kTimeWeights);
  return weights;
}

void float_reference(const Evaluation& n, const Svdf& a, const Sizes& s) {
  float* state = n.variable<float>(kState);
  age(state, s);
  is_hybrid(n, kInput, kFeatureWeights) ? hybrid_features(n, a, s, state) : float_features(n, s, state);
  const float* bias = n.has_input(kBias) ? n.data<float>(kBias) : nullptr;
  const Range<float> range = float_range(a.fused_activation_function);
  combine<float>(s, state, float_time_weights(n, s).data(), n.out<float>(0),
                 [&](float sum, int64_t unit) { return clamp(sum + (bias != nullptr ? bias[unit] : 0.0f), range); });
}

void integer_features(const Evaluation& n, const Sizes& s, int16_t* state) {
  const Multiplier to_state =
      quantize_multiplier(n.scale(kInput) * n.scale(kFeatureWeights) / n.scale(kState));  // in float32
  const int8_t* weights = n.data<int8_t>(kFeatureWeights);
  for (int64_t b = 0; b < s.batches; ++b) {
    const int8_t* row = n.data<int8_t>(kInput) + b * s.features;
    for (int64_t f = 0; f < s.filters; ++f) {
      int32_t sum = 0;
      for (int64_t i = 0; i < s.features; ++i) sum += weights[f * s.features + i] * (row[i] - n.zero_point(kInput));
      state[(b * s.filters + f) * s.steps + s.steps - 1] =
          static_cast<int16_t>(std::clamp(multiply(sum, to_state), INT16_MIN, INT16_MAX));
    }
  }
}

// RELU is the clamp at the type's least value: the output's zero point stands there.
void integer_reference(const Evaluation& n, const Sizes& s) {
  auto* state = n.variable<int16_t>(kState);
  age(state, s);
  integer_features(n, s, state);
  const int32_t* bias = n.has_input(kBias) ? n.data<int32_t>(kBias) : nullptr;
  const Multiplier to_output =
      quantize_multiplier(n.scale(kState) * n.scale(kTimeWeights) / n.output_scale(0));  // in float32
  combine<int32_t>(s, state, n.data<int16_t>(kTimeWeights), n.out<int8_t>(0), [&](int32_t sum, int64_t unit) {
    if (bias != nullptr) sum += bias[unit];
    return static_cast<int8_t>(std::clamp(multiply(sum, to_output) + n.output_zero_point(0), INT8_MIN, INT8_MAX));
  });
}

Expected<void> reference(const Evaluation& n, const Svdf& a) {
  const Sizes s = sizes(n, a);
  n.dtype(kInput) == DType::int8 ? integer_reference(n, s) : float_reference(n, a, s);
  return {};
}

}  // namespace

extern const OpDef svdf;
const OpDef svdf = define<Svdf>({.code = OpCode::SVDF,
                                 .options = "SVDFOptions",
                                 .verify = verify,
                                 .infer = infer,
                                 .cost = cost,
                                 .reference = reference});

}  // namespace monolite::ops
