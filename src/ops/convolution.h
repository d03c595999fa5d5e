#pragma once
// What convolutions and matrix products have in common: which types go together, and how their sums become outputs.

#include <fmt/format.h>

#include "ops/activation.h"
#include "ops/hybrid.h"
#include "ops/node_view.h"
#include "ops/requantize.h"

namespace monolite::ops {

// Which inputs of a node are what. `channel_dimension` is the filter's dimension with a scale of its own per slice.
struct ConvolutionRoles {
  int input, filter, bias, channel_dimension;
};

// One of
//   float32 input and filter, float32 bias
//   float32 input, int8 filter (hybrid; scales per tensor or per channel), float32 bias
//   uint8 input and filter, one scale each, int32 bias
//   int8 input and filter, the filter's scales per tensor or per channel, int32 bias
//   int16 input, int8 filter as above, int64 bias (int32 where `narrow_bias`)
// with the output of the input's type, quantized where it is an integer, and a bias of `channels` elements if there is
// one.
Expected<void> expect_convolution_types(const NodeView& n, ConvolutionRoles roles, int32_t channels, bool narrow_bias);

// Pictures and a filter of four dimensions each, an activation that clamps, strides and dilations of at least 1.
template <class A>
Expected<void> expect_sliding(const NodeView& n, ConvolutionRoles roles, const A& a) {
  ML_TRY(n.expect_inputs(2, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(roles.input, 4));
  ML_TRY(n.expect_rank(roles.filter, 4));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  if (a.stride_w >= 1 && a.stride_h >= 1 && a.dilation_w_factor >= 1 && a.dilation_h_factor >= 1) return {};
  return Unexpected(n.fail(
      fmt::format("stride {}x{}, dilation {}x{}", a.stride_h, a.stride_w, a.dilation_h_factor, a.dilation_w_factor),
      "at least 1 each"));
}

// Turns the sums of output channels into elements of output 0: adds the bias, scales and clamps.
class FloatFinish {
 public:
  FloatFinish(const Evaluation& n, int bias, Activation activation)
      : bias_(n.has_input(bias) ? n.data<float>(bias) : nullptr), range_(float_range(activation)) {}
  float operator()(float sum, int32_t channel) const {
    return clamp(sum + (bias_ != nullptr ? bias_[channel] : 0.0f), range_);
  }

 private:
  const float* bias_;
  Range<float> range_;
};

// T is the output's type; sums are Acc, which is also the bias's type: int32_t, or int64_t for 16-bit activations.
template <class T, class Acc>
class QuantizedFinish {
 public:
  QuantizedFinish(const Evaluation& n, ConvolutionRoles roles, int32_t channels, Activation activation)
      : bias_(n.has_input(roles.bias) ? n.data<Acc>(roles.bias) : nullptr),
        multipliers_(channel_multipliers(n, roles.input, roles.filter, channels)),
        range_(quantized_range(n, activation)),
        zero_point_(n.output_zero_point(0)) {}
  T operator()(Acc sum, int32_t channel) const {
    if (bias_ != nullptr) sum += bias_[channel];
    return static_cast<T>(clamp(multiply(sum, multipliers_[static_cast<size_t>(channel)]) + zero_point_, range_));
  }

 private:
  const Acc* bias_;
  std::vector<Multiplier> multipliers_;
  Range<int32_t> range_;
  int32_t zero_point_;
};

// The zero point to subtract from a filter. int8 filters are symmetric: LiteRT takes theirs as 0 whatever the file
// says.
inline int32_t filter_zero_point(const NodeView& n, int filter) {
  return n.dtype(filter) == DType::uint8 ? n.zero_point(filter) : 0;
}

struct HybridRows {
  bool symmetric = false;
  ScaleOrder order = ScaleOrder::filter_times_row;
};

// Computes output 0 picture by picture: one(input, input zero point, filter, filter zero point, output, finish), with
// sums of the type of the zero points. `hybrid_rows` tells how hybrid pictures are quantized and scaled back.
template <class OnePicture>
void reference_by_pictures(const Evaluation& n, ConvolutionRoles roles, Activation activation, HybridRows hybrid_rows,
                           const OnePicture& one) {
  const int64_t in = n.shape(roles.input).elements(1, 4), out = n.output_shape(0).elements(1, 4);
  const int32_t batches = n.shape(roles.input)[0];
  const auto quantized = [&]<class T, class Filter, class Acc>() {
    const QuantizedFinish<T, Acc> finish(n, roles, n.shape(roles.filter)[roles.channel_dimension], activation);
    for (int32_t b = 0; b < batches; ++b) {
      one(n.data<T>(roles.input) + b * in, Acc{n.zero_point(roles.input)}, n.data<Filter>(roles.filter),
          Acc{filter_zero_point(n, roles.filter)}, n.out<T>(0) + b * out, finish);
    }
  };
  const auto hybrid = [&] {
    const QuantizedRows rows = quantize_rows(n.data<float>(roles.input), batches, in, !hybrid_rows.symmetric);
    HybridFinish finish(n, roles.filter, roles.bias, activation, hybrid_rows.order);
    for (int32_t b = 0; b < batches; ++b) {
      finish.start_row(rows.scale[static_cast<size_t>(b)]);
      one(rows.values.data() + b * in, rows.zero_point[static_cast<size_t>(b)], n.data<int8_t>(roles.filter),
          int32_t{0}, n.out<float>(0) + b * out, finish);
    }
  };
  switch (n.dtype(roles.input)) {
    case DType::float32: {
      if (is_hybrid(n, roles.input, roles.filter)) return hybrid();
      const FloatFinish finish(n, roles.bias, activation);
      for (int32_t b = 0; b < batches; ++b) {
        one(n.data<float>(roles.input) + b * in, 0.0f, n.data<float>(roles.filter), 0.0f, n.out<float>(0) + b * out,
            finish);
      }
      return;
    }
    case DType::uint8:
      return quantized.template operator()<uint8_t, uint8_t, int32_t>();
    case DType::int8:
      return quantized.template operator()<int8_t, int8_t, int32_t>();
    default:
      if (n.has_input(roles.bias) && n.dtype(roles.bias) == DType::int32) {
        return quantized.template operator()<int16_t, int8_t, int32_t>();
      }
      return quantized.template operator()<int16_t, int8_t, int64_t>();
  }
}

}  // namespace monolite::ops
