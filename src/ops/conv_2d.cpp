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
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  const auto [y, x] = window_axes(in, filter, a);
  return {y, x, in[0], in[3], filter[0], filter[3]};
}

Expected<void> verify(const NodeView& n, const Conv2D& a) {
  ML_TRY(expect_sliding(n, kRoles, a));
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

// Writes finish(sum, filter) for each output element of one picture. Taps outside of the picture are left out, which is
// the same as padding with the zero point.
template <class In, class Filter, class Acc, class Out, class Finish>
void convolve(const Geometry& g, const In* input, Acc input_zero_point, const Filter* filter, Acc filter_zero, Out* out,
              const Finish& finish) {
  const int32_t out_h = g.y.out(), out_w = g.x.out(), pad_y = g.y.pad_before(), pad_x = g.x.pad_before();
  const int32_t filters_per_group = g.filters / (g.channels / g.group_channels);
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
            const In* i = input + (iy * g.x.in + ix) * g.channels + first_channel;
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

// LiteRT has two kernels for hybrid pictures: one where all filters have one scale and there are no groups, another
// that knows both.
HybridRows hybrid_rows(const NodeView& n, const Geometry& g) {
  if (!is_hybrid(n, kInput, kFilter)) return {};
  const std::vector<float>& scale = n.input(kFilter).quantization.scale;
  const bool has_one_scale = g.channels == g.group_channels &&
                             std::count(scale.begin(), scale.end(), scale[0]) == static_cast<int64_t>(scale.size());
  return has_one_scale ? HybridRows{true, ScaleOrder::filter_times_row}
                       : HybridRows{false, ScaleOrder::sum_times_filter};
}

Expected<void> reference(const Evaluation& n, const Conv2D& a) {
  const Geometry g = geometry(n, a);
  reference_by_pictures(n, kRoles, a.fused_activation_function, hybrid_rows(n, g),
                        [&](const auto&... picture) { convolve(g, picture...); });
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
