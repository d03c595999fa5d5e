#include "ops/conv_2d.h"

#include <fmt/format.h>

#include "ops/convolution.h"
#include "ops/hybrid.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kFilter = 1, kBias = 2;
constexpr ConvolutionRoles kRoles{kInput, kFilter, kBias, 0};

struct Geometry {
  WindowAxis y, x;
  int32_t batches, channels, filters, group_channels;
};

Geometry geometry(const NodeView& n, const Conv2D& a) {
  const Shape& in = n.shape(kInput);
  const Shape& filter = n.shape(kFilter);
  return {{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
          {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding},
          in[0],
          in[3],
          filter[0],
          filter[3]};
}

Expected<void> verify(const NodeView& n, const Conv2D& a) {
  ML_TRY(n.expect_inputs(2, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(kInput, 4));
  ML_TRY(n.expect_rank(kFilter, 4));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  if (a.stride_w < 1 || a.stride_h < 1 || a.dilation_w_factor < 1 || a.dilation_h_factor < 1) {
    return Unexpected(n.fail(
        fmt::format("stride {}x{}, dilation {}x{}", a.stride_h, a.stride_w, a.dilation_h_factor, a.dilation_w_factor),
        "at least 1 each"));
  }
  const Shape& filter = n.shape(kFilter);
  const int32_t channels = n.shape(kInput)[3];
  if (filter[3] < 1 || channels % filter[3] != 0 || channels < 1 || filter[0] % (channels / filter[3]) != 0) {
    return Unexpected(n.fail_input(kFilter, "shape " + to_string(filter),
                                   fmt::format("innermost a divisor of the input's {} channels", channels)));
  }
  return expect_convolution_types(n, kRoles, filter[0], true);
}

Expected<Shapes> infer(const NodeView& n, const Conv2D& a) {
  const Geometry g = geometry(n, a);
  return Shapes{{g.batches, g.y.out(), g.x.out(), g.filters}};
}

Cost cost(const NodeView& n, const Conv2D& a) {
  const Geometry g = geometry(n, a);
  return {n.output_shape(0).elements() * g.y.filter * g.x.filter * g.group_channels};
}

// Writes finish(sum, filter) for each output element. Taps outside of the picture are left out, which is the same as
// padding with the zero point.
template <class In, class Filter, class Acc, class Out, class Finish>
void convolve(const Geometry& g, const In* input, Acc input_zero_point, const Filter* filter, Acc filter_zero, Out* out,
              const Finish& finish) {
  const int32_t out_h = g.y.out(), out_w = g.x.out(), pad_y = g.y.pad_before(), pad_x = g.x.pad_before();
  const int32_t filters_per_group = g.filters / (g.channels / g.group_channels);
  for (int32_t b = 0; b < g.batches; ++b) {
    for (int32_t oy = 0; oy < out_h; ++oy) {
      for (int32_t ox = 0; ox < out_w; ++ox) {
        for (int32_t k = 0; k < g.filters; ++k) {
          const int32_t first_channel = k / filters_per_group * g.group_channels;
          Acc acc = 0;
          for (int32_t fy = 0; fy < g.y.filter; ++fy) {
            const int64_t iy = int64_t{oy} * g.y.stride - pad_y + int64_t{fy} * g.y.dilation;
            if (iy < 0 || iy >= g.y.in) continue;
            for (int32_t fx = 0; fx < g.x.filter; ++fx) {
              const int64_t ix = int64_t{ox} * g.x.stride - pad_x + int64_t{fx} * g.x.dilation;
              if (ix < 0 || ix >= g.x.in) continue;
              const In* i = input + ((int64_t{b} * g.y.in + iy) * g.x.in + ix) * g.channels + first_channel;
              const Filter* f = filter + ((int64_t{k} * g.y.filter + fy) * g.x.filter + fx) * g.group_channels;
              for (int32_t c = 0; c < g.group_channels; ++c) {
                acc += (static_cast<Acc>(i[c]) - input_zero_point) * (static_cast<Acc>(f[c]) - filter_zero);
              }
            }
          }
          *out++ = finish(acc, k);
        }
      }
    }
  }
}

template <class T, class Filter, class Acc>
void quantized_reference(const Evaluation& n, const Conv2D& a) {
  const QuantizedFinish<T, Acc> finish(n, kRoles, n.shape(kFilter)[0], a.fused_activation_function);
  convolve<T, Filter, Acc>(geometry(n, a), n.data<T>(kInput), n.zero_point(kInput), n.data<Filter>(kFilter),
                           filter_zero_point(n, kFilter), n.out<T>(0), finish);
}

void float_reference(const Evaluation& n, const Conv2D& a) {
  convolve<float, float, float>(geometry(n, a), n.data<float>(kInput), 0, n.data<float>(kFilter), 0, n.out<float>(0),
                                FloatFinish(n, kBias, a.fused_activation_function));
}

// Each picture is quantized by itself: symmetrically where all filters have one scale and there are no groups.
void hybrid_reference(const Evaluation& n, const Conv2D& a) {
  Geometry g = geometry(n, a);
  const std::vector<float>& scale = n.input(kFilter).quantization.scale;
  const bool one_scale = std::count(scale.begin(), scale.end(), scale[0]) == static_cast<int64_t>(scale.size());
  const bool asymmetric = !one_scale || g.channels != g.group_channels;
  const int64_t picture = n.shape(kInput).elements(1, 4), result = n.output_shape(0).elements(1, 4);
  const QuantizedRows rows = quantize_rows(n.data<float>(kInput), g.batches, picture, asymmetric);
  HybridFinish finish(n, kFilter, kBias, a.fused_activation_function);
  const auto batches = static_cast<size_t>(g.batches);
  g.batches = 1;
  for (size_t b = 0; b < batches; ++b) {
    finish.start_row(rows.scale[b]);
    const auto i = static_cast<int64_t>(b);
    convolve<int8_t, int8_t, int32_t>(g, rows.values.data() + i * picture, rows.zero_point[b], n.data<int8_t>(kFilter),
                                      0, n.out<float>(0) + i * result, finish);
  }
}

Expected<void> reference(const Evaluation& n, const Conv2D& a) {
  switch (n.dtype(kInput)) {
    case DType::float32:
      is_hybrid(n, kInput, kFilter) ? hybrid_reference(n, a) : float_reference(n, a);
      break;
    case DType::uint8:
      quantized_reference<uint8_t, uint8_t, int32_t>(n, a);
      break;
    case DType::int8:
      quantized_reference<int8_t, int8_t, int32_t>(n, a);
      break;
    default:
      if (n.has_input(kBias) && n.dtype(kBias) == DType::int32) {
        quantized_reference<int16_t, int8_t, int32_t>(n, a);
      } else {
        quantized_reference<int16_t, int8_t, int64_t>(n, a);
      }
  }
  return {};
}

}  // namespace

extern const OpDef conv_2d;
const OpDef conv_2d = define<Conv2D>({.code = OpCode::CONV_2D,
                                      .options = "Conv2DOptions",
                                      .verify = verify,
                                      .infer = infer,
                                      .cost = cost,
                                      .reference = reference});

}  // namespace monolite::ops
