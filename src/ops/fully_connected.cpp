#include "ops/fully_connected.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/convolution.h"
#include "ops/hybrid.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kWeights = 1, kBias = 2;
constexpr ConvolutionRoles kRoles{kInput, kWeights, kBias, 0};

int32_t depth(const NodeView& n) { return n.shape(kWeights)[1]; }
int32_t units(const NodeView& n) { return n.shape(kWeights)[0]; }

int64_t rows(const NodeView& n) {
  const Shape& in = n.shape(kInput);
  return depth(n) > 0 ? in.elements() / depth(n) : in.elements(0, in.rank() - 1);
}

// uint8 in, int16 out: the one mixture of types, made for quantized LSTM cells.
bool is_widening(const NodeView& n) { return n.dtype(kInput) == DType::uint8 && n.output_dtype(0) == DType::int16; }

Expected<void> verify_types(const NodeView& n) {
  if (!is_widening(n)) return expect_convolution_types(n, kRoles, units(n), true);
  ML_TRY(n.expect_dtype(kWeights, {DType::uint8}));
  ML_TRY(n.expect_quantized(kInput));
  ML_TRY(n.expect_quantized(kWeights));
  ML_TRY(n.expect_output_quantized(0));
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_dtype(kBias, {DType::int32}));
  if (n.shape(kBias).elements() == units(n)) return {};
  return Unexpected(n.fail_input(kBias, "shape " + to_string(n.shape(kBias)), fmt::format("{} elements", units(n))));
}

Expected<void> verify_shapes(const NodeView& n, const FullyConnected& a) {
  ML_TRY(n.expect_rank(kInput, 1, 8));
  ML_TRY(n.expect_rank(kWeights, 2));
  const Shape& in = n.shape(kInput);
  const int32_t d = depth(n);
  const bool fits = d == 0 ? in.elements() == 0 : a.keep_num_dims ? in.back(0) == d : in.elements() % d == 0;
  if (fits) return {};
  return Unexpected(n.fail_input(kInput, "shape " + to_string(in), fmt::format("rows of the weights' {} columns", d)));
}

Expected<void> verify(const NodeView& n, const FullyConnected& a) {
  ML_TRY(n.expect_inputs(2, 3));
  if (a.weights_format != WeightsFormat::plain) {
    return Unexpected(n.fail(fmt::format("weights_format {}", static_cast<int>(a.weights_format)), "0 (DEFAULT)",
                             "convert the model again; shuffled weights were made for one old kernel"));
  }
  ML_TRY(n.expect_outputs(1));
  ML_TRY(verify_shapes(n, a));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  return verify_types(n);
}

Expected<Shapes> infer(const NodeView& n, const FullyConnected& a) {
  if (!a.keep_num_dims) return Shapes{{static_cast<int32_t>(rows(n)), units(n)}};
  Shape out = n.shape(kInput);
  out[out.rank() - 1] = units(n);
  return Shapes{out};
}

Cost cost(const NodeView& n, const FullyConnected&) { return {n.output_shape(0).elements() * depth(n)}; }

// A real number to int32 as x86 converts it: what does not fit becomes the least.
int32_t to_int32(double x) {
  return x > -2147483649.0 && x < 2147483648.0 ? static_cast<int32_t>(x) : std::numeric_limits<int32_t>::min();
}

// Unlike convolutions, LiteRT's reference multiplies the sum by the real scale, in double, and rounds once.
template <class T, class Acc>
class RealScaleFinish {
 public:
  RealScaleFinish(const Evaluation& n, Activation activation)
      : bias_(n.has_input(kBias) ? n.data<Acc>(kBias) : nullptr),
        range_(quantized_range(n, activation)),
        zero_point_(n.output_zero_point(0)) {
    for (const float s : n.input(kWeights).quantization.scale) {
      scale_.push_back(double{n.scale(kInput)} * double{s} / double{n.output_scale(0)});
    }
  }
  T operator()(Acc sum, int32_t unit) const {
    if (bias_ != nullptr) sum += bias_[unit];
    const double scale = scale_[scale_.size() > 1 ? static_cast<size_t>(unit) : 0];
    return static_cast<T>(clamp(to_int32(std::round(static_cast<double>(sum) * scale)) + zero_point_, range_));
  }

 private:
  const Acc* bias_;
  std::vector<double> scale_;
  Range<int32_t> range_;
  int32_t zero_point_;
};

// out[r][k] = finish(row r of the input times row k of the weights, k).
template <class In, class Weight, class Acc, class Out, class Finish>
void matrix_product(const NodeView& n, int64_t first_row, int64_t last_row, const In* input, Acc input_zero_point,
                    const Weight* weights, Acc weights_zero_point, Out* out, const Finish& finish) {
  const int32_t columns = depth(n), unit_count = units(n);
  for (int64_t r = first_row; r < last_row; ++r) {
    const In* row = input + r * columns;
    for (int32_t k = 0; k < unit_count; ++k) {
      const Weight* w = weights + int64_t{k} * columns;
      Acc sum = 0;
      for (int32_t c = 0; c < columns; ++c) {
        sum += (static_cast<Acc>(row[c]) - input_zero_point) * (static_cast<Acc>(w[c]) - weights_zero_point);
      }
      out[r * unit_count + k] = finish(sum, k);
    }
  }
}

template <class In, class Weight, class Acc, class Out>
void quantized_reference(const Evaluation& n, const FullyConnected& a) {
  // Per channel the weights are symmetric, whatever the file says; per tensor their zero point counts, also in int8.
  const int32_t weights_zero_point = n.input(kWeights).quantization.is_per_channel() ? 0 : n.zero_point(kWeights);
  matrix_product<In, Weight, Acc>(n, 0, rows(n), n.data<In>(kInput), n.zero_point(kInput), n.data<Weight>(kWeights),
                                  weights_zero_point, n.out<Out>(0),
                                  RealScaleFinish<Out, Acc>(n, a.fused_activation_function));
}

void hybrid_reference(const Evaluation& n, const FullyConnected& a) {
  const int64_t count = rows(n);
  const QuantizedRows q = quantize_rows(n.data<float>(kInput), count, depth(n), a.asymmetric_quantize_inputs);
  HybridFinish finish(n, kWeights, kBias, a.fused_activation_function, ScaleOrder::filter_times_row);
  for (int64_t r = 0; r < count; ++r) {
    const auto row = static_cast<size_t>(r);
    finish.start_row(q.scale[row]);
    matrix_product<int8_t, int8_t, int32_t>(n, r, r + 1, q.values.data(), q.zero_point[row], n.data<int8_t>(kWeights),
                                            0, n.out<float>(0), finish);
  }
}

void float_reference(const Evaluation& n, const FullyConnected& a) {
  matrix_product<float, float, float>(n, 0, rows(n), n.data<float>(kInput), 0, n.data<float>(kWeights), 0,
                                      n.out<float>(0), FloatFinish(n, kBias, a.fused_activation_function));
}

void sixteen_bit_reference(const Evaluation& n, const FullyConnected& a) {
  const DType bias = n.has_input(kBias) ? n.dtype(kBias) : a.quantized_bias_type;
  if (bias == DType::int32) {
    quantized_reference<int16_t, int8_t, int32_t, int16_t>(n, a);
  } else {
    quantized_reference<int16_t, int8_t, int64_t, int16_t>(n, a);
  }
}

Expected<void> reference(const Evaluation& n, const FullyConnected& a) {
  if (depth(n) == 0) {
    // LiteRT leaves zeros here: no bias, no zero point.
    const int64_t bytes = n.output_shape(0).elements() * size_bytes(n.output_dtype(0));
    std::fill_n(n.out<std::byte>(0), bytes, std::byte{0});
    return {};
  }
  switch (n.dtype(kInput)) {
    case DType::float32:
      is_hybrid(n, kInput, kWeights) ? hybrid_reference(n, a) : float_reference(n, a);
      break;
    case DType::uint8:
      is_widening(n) ? quantized_reference<uint8_t, uint8_t, int32_t, int16_t>(n, a)
                     : quantized_reference<uint8_t, uint8_t, int32_t, uint8_t>(n, a);
      break;
    case DType::int8:
      quantized_reference<int8_t, int8_t, int32_t, int8_t>(n, a);
      break;
    default:
      sixteen_bit_reference(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef fully_connected;
const OpDef fully_connected = define<FullyConnected>({.code = OpCode::FULLY_CONNECTED,
                                                      .options = "FullyConnectedOptions",
                                                      .verify = verify,
                                                      .infer = infer,
                                                      .cost = cost,
                                                      .reference = reference});

}  // namespace monolite::ops
