#include "ops/conv_2d.h"

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/requantize.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kFilter = 1, kBias = 2;

// What an element is computed as before it is multiplied.
template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, T, int32_t>;

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

Expected<void> verify_types(const NodeView& n) {
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  if (n.dtype(kInput) == DType::float32) {
    ML_TRY(n.expect_dtype(kFilter, {DType::float32}));
    return n.has_input(kBias) ? n.expect_dtype(kBias, {DType::float32}) : Expected<void>();
  }
  ML_TRY(n.expect_dtype(kFilter, {n.dtype(kInput) == DType::uint8 ? DType::uint8 : DType::int8}));
  ML_TRY(n.expect_quantized(kInput));
  ML_TRY(n.expect_output_quantized(0));
  if (n.dtype(kInput) == DType::uint8) {
    ML_TRY(n.expect_quantized(kFilter));
  } else {
    ML_TRY(n.expect_quantized_per_channel(kFilter, 0));
  }
  if (!n.has_input(kBias)) return {};
  if (n.dtype(kInput) == DType::int16) return n.expect_dtype(kBias, {DType::int32, DType::int64});
  return n.expect_dtype(kBias, {DType::int32});
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
  if (n.has_input(kBias) && n.shape(kBias).elements() != filter[0]) {
    return Unexpected(n.fail_input(kBias, "shape " + to_string(n.shape(kBias)), fmt::format("{} elements", filter[0])));
  }
  return verify_types(n);
}

Expected<Shapes> infer(const NodeView& n, const Conv2D& a) {
  const Geometry g = geometry(n, a);
  return Shapes{{g.batches, g.y.out(), g.x.out(), g.filters}};
}

Cost cost(const NodeView& n, const Conv2D& a) {
  const Geometry g = geometry(n, a);
  return {n.output_shape(0).elements() * g.y.filter * g.x.filter * g.group_channels};
}

// Calls store(output index, filter, accumulator) for each output element. Taps outside of the picture are left out,
// which is the same as padding with the zero point.
template <class In, class Filter, class Acc, class Store>
void convolve(const Evaluation& n, const Geometry& g, int32_t input_zero_point, int32_t filter_zero_point,
              Store store) {
  const In* input = n.data<In>(kInput);
  const Filter* filter = n.data<Filter>(kFilter);
  const int32_t out_h = g.y.out(), out_w = g.x.out(), pad_y = g.y.pad_before(), pad_x = g.x.pad_before();
  const int32_t filters_per_group = g.filters / (g.channels / g.group_channels);
  int64_t out = 0;
  for (int32_t b = 0; b < g.batches; ++b) {
    for (int32_t oy = 0; oy < out_h; ++oy) {
      for (int32_t ox = 0; ox < out_w; ++ox) {
        for (int32_t k = 0; k < g.filters; ++k, ++out) {
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
                acc += static_cast<Acc>(i[c] - static_cast<Wide<In>>(input_zero_point)) *
                       static_cast<Acc>(f[c] - static_cast<Wide<Filter>>(filter_zero_point));
              }
            }
          }
          store(out, k, acc);
        }
      }
    }
  }
}

void float_reference(const Evaluation& n, const Conv2D& a) {
  const Range<float> range = float_range(a.fused_activation_function);
  const float* bias = n.has_input(kBias) ? n.data<float>(kBias) : nullptr;
  float* out = n.out<float>(0);
  convolve<float, float, float>(n, geometry(n, a), 0, 0, [&](int64_t i, int32_t k, float acc) {
    out[i] = clamp(acc + (bias != nullptr ? bias[k] : 0.0f), range);
  });
}

template <class T, class Filter, class Acc, class Bias>
void quantized_reference(const Evaluation& n, const Conv2D& a) {
  const Geometry g = geometry(n, a);
  const Range<int32_t> range = quantized_range(n, a.fused_activation_function);
  const std::vector<Multiplier> multipliers = channel_multipliers(n, kInput, kFilter, g.filters);
  const Bias* bias = n.has_input(kBias) ? n.data<Bias>(kBias) : nullptr;
  const int32_t output_zero_point = n.output_zero_point(0);
  // int8 filters are symmetric: LiteRT takes their zero point as 0 whatever the file says.
  const int32_t filter_zero_point = std::is_same_v<Filter, uint8_t> ? n.zero_point(kFilter) : 0;
  T* out = n.out<T>(0);
  convolve<T, Filter, Acc>(n, g, n.zero_point(kInput), filter_zero_point, [&](int64_t i, int32_t k, Acc acc) {
    if (bias != nullptr) acc += static_cast<Acc>(bias[k]);
    const int32_t scaled = multiply(acc, multipliers[static_cast<size_t>(k)]) + output_zero_point;
    out[i] = static_cast<T>(clamp(scaled, range));
  });
}

Expected<void> reference(const Evaluation& n, const Conv2D& a) {
  switch (n.dtype(kInput)) {
    case DType::float32:
      float_reference(n, a);
      break;
    case DType::uint8:
      quantized_reference<uint8_t, uint8_t, int32_t, int32_t>(n, a);
      break;
    case DType::int8:
      quantized_reference<int8_t, int8_t, int32_t, int32_t>(n, a);
      break;
    default:
      if (n.has_input(kBias) && n.dtype(kBias) == DType::int32) {
        quantized_reference<int16_t, int8_t, int32_t, int32_t>(n, a);
      } else {
        quantized_reference<int16_t, int8_t, int64_t, int64_t>(n, a);
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
