#include "ops/depthwise_conv_2d.h"

#include <fmt/format.h>

#include "ops/convolution.h"
#include "ops/hybrid.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kFilter = 1, kBias = 2;
constexpr ConvolutionRoles kRoles{kInput, kFilter, kBias, 3};

struct Geometry {
  WindowAxis y, x;
  int32_t batches, channels, multiplier;
};

Geometry geometry(const NodeView& n, const DepthwiseConv2D& a) {
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  const auto [y, x] = window_axes(in, filter, a);
  return {y, x, in[0], in[3], filter[3] / in[3]};
}

Expected<void> verify(const NodeView& n, const DepthwiseConv2D& a) {
  ML_TRY(expect_sliding(n, kRoles, a));
  const Shape& filter = n.shape(kFilter);
  const int32_t channels = n.shape(kInput)[3];
  if (filter[0] != 1 || channels < 1 || filter[3] < 1 || filter[3] % channels != 0) {
    return Unexpected(
        n.fail_input(kFilter, "shape " + to_string(filter),
                     fmt::format("1 x height x width x a multiple of the input's {} channels", channels)));
  }
  return expect_convolution_types(n, kRoles, filter[3], false);
}

Expected<Shapes> infer(const NodeView& n, const DepthwiseConv2D& a) {
  const Geometry g = geometry(n, a);
  return Shapes{{g.batches, g.y.out(), g.x.out(), n.shape(kFilter)[3]}};
}

Cost cost(const NodeView& n, const DepthwiseConv2D& a) {
  const Geometry g = geometry(n, a);
  return {n.output_shape(0).elements() * g.y.filter * g.x.filter};
}

// Writes finish(sum, channel) for each output element of one picture. Taps outside of the picture are left out, which
// is the same as padding with the zero point.
template <class In, class Filter, class Acc, class Out, class Finish>
void convolve(const Geometry& g, const In* input, Acc input_zero_point, const Filter* filter, Acc filter_zero, Out* out,
              const Finish& finish) {
  const int32_t out_h = g.y.out(), out_w = g.x.out(), pad_y = g.y.pad_before(), pad_x = g.x.pad_before();
  const int32_t out_channels = g.channels * g.multiplier;
  std::vector<Acc> sums(static_cast<size_t>(out_channels));
  for (int32_t oy = 0; oy < out_h; ++oy) {
    for (int32_t ox = 0; ox < out_w; ++ox) {
      std::fill(sums.begin(), sums.end(), Acc{0});
      for (int32_t fy = 0; fy < g.y.filter; ++fy) {
        const int64_t iy = int64_t{oy} * g.y.stride - pad_y + int64_t{fy} * g.y.dilation;
        if (iy < 0 || iy >= g.y.in) continue;
        for (int32_t fx = 0; fx < g.x.filter; ++fx) {
          const int64_t ix = int64_t{ox} * g.x.stride - pad_x + int64_t{fx} * g.x.dilation;
          if (ix < 0 || ix >= g.x.in) continue;
          const In* i = input + (iy * g.x.in + ix) * g.channels;
          const Filter* f = filter + (int64_t{fy} * g.x.filter + fx) * out_channels;
          Acc* sum = sums.data();
          for (int32_t c = 0; c < g.channels; ++c) {
            const Acc value = static_cast<Acc>(i[c]) - input_zero_point;
            for (int32_t m = 0; m < g.multiplier; ++m) *sum++ += value * (static_cast<Acc>(*f++) - filter_zero);
          }
        }
      }
      for (int32_t c = 0; c < out_channels; ++c) *out++ = finish(sums[static_cast<size_t>(c)], c);
    }
  }
}

Expected<void> reference(const Evaluation& n, const DepthwiseConv2D& a) {
  const Geometry g = geometry(n, a);
  reference_by_pictures(n, kRoles, a.fused_activation_function, {},
                        [&](const auto&... picture) { convolve(g, picture...); });
  return {};
}

}  // namespace

extern const OpDef depthwise_conv_2d;
const OpDef depthwise_conv_2d = define<DepthwiseConv2D>({.code = OpCode::DEPTHWISE_CONV_2D,
                                                         .options = "DepthwiseConv2DOptions",
                                                         .verify = verify,
                                                         .infer = infer,
                                                         .cost = cost,
                                                         .reference = reference});

}  // namespace monolite::ops
