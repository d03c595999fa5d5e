#include "ops/transpose_conv.h"

#include <fmt/format.h>

#include "ops/convolution.h"
#include "ops/hybrid.h"
#include "ops/op.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

constexpr int kOutputShape = 0, kFilter = 1, kInput = 2, kBias = 3;
constexpr ConvolutionRoles kRoles{kInput, kFilter, kBias, 0};

struct Geometry {
  WindowAxis y, x;  // of the convolution that this one turns around: `in` is the output's extent
  int32_t in_h, in_w, batches, channels, filters;
};

Geometry geometry(const NodeView& n, const TransposeConv& a, const Shape& out) {
  const Shape& in = n.shape(kInput);
  const Shape& filter = n.shape(kFilter);
  return {{out[1], filter[1], a.stride_h, 1, a.padding},
          {out[2], filter[2], a.stride_w, 1, a.padding},
          in[1],
          in[2],
          in[0],
          in[3],
          filter[0]};
}

Expected<void> verify(const NodeView& n, const TransposeConv& a) {
  ML_TRY(n.expect_inputs(3, 4));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kOutputShape, {DType::int32}));
  ML_TRY(n.expect_rank(kFilter, 4));
  ML_TRY(n.expect_rank(kInput, 4));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  if (n.shape(kOutputShape) != Shape{4}) {
    return Unexpected(n.fail_input(kOutputShape, "shape " + to_string(n.shape(kOutputShape)), "4 elements"));
  }
  if (a.stride_w < 1 || a.stride_h < 1) {
    return Unexpected(n.fail(fmt::format("stride {}x{}", a.stride_h, a.stride_w), "at least 1 each"));
  }
  if (n.shape(kFilter)[3] != n.shape(kInput)[3]) {
    return Unexpected(n.fail_input(kFilter, "shape " + to_string(n.shape(kFilter)),
                                   fmt::format("innermost the input's {} channels", n.shape(kInput)[3])));
  }
  return expect_convolution_types(n, kRoles, n.shape(kFilter)[0], true);
}

Expected<Shapes> infer(const NodeView& n, const TransposeConv& a) {
  ML_ASSIGN(const auto wanted, n.ints(kOutputShape));
  const Shape out(wanted.begin(), wanted.end());
  const Shape& in = n.shape(kInput);
  const bool is_positive = out[1] > 0 && out[2] > 0;
  if (is_positive && out[0] == in[0] && out[3] == n.shape(kFilter)[0]) {
    const Geometry g = geometry(n, a, out);
    if (g.y.out() == in[1] && g.x.out() == in[2]) return Shapes{out};
  }
  return Unexpected(
      n.fail_input(kOutputShape, to_string(out),
                   fmt::format("a shape whose convolution with this filter and stride gives {}", to_string(in))));
}

Cost cost(const NodeView& n, const TransposeConv&) {
  const Shape& filter = n.shape(kFilter);
  const Shape& in = n.shape(kInput);
  const int64_t taps = saturated_product({in[0], in[1], in[2], filter[0], filter[1], filter[2]});
  return {.macs = saturated_product({taps, in[3]}), .visits = taps};
}

// Adds up all of one picture's windows, then writes finish(sum, filter) for each output element.
template <class In, class Filter, class Acc, class Out, class Finish>
void spread(const Geometry& g, const In* input, Acc input_zero_point, const Filter* filter, Acc filter_zero, Out* out,
            const Finish& finish) {
  const int32_t pad_y = g.y.pad_before(), pad_x = g.x.pad_before();
  std::vector<Acc> sums(static_cast<size_t>(int64_t{g.y.in} * g.x.in * g.filters));
  for (int32_t iy = 0; iy < g.in_h; ++iy) {
    for (int32_t ix = 0; ix < g.in_w; ++ix, input += g.channels) {
      for (int32_t fy = 0; fy < g.y.filter; ++fy) {
        const int64_t oy = int64_t{iy} * g.y.stride - pad_y + fy;
        if (oy < 0 || oy >= g.y.in) continue;
        for (int32_t fx = 0; fx < g.x.filter; ++fx) {
          const int64_t ox = int64_t{ix} * g.x.stride - pad_x + fx;
          if (ox < 0 || ox >= g.x.in) continue;
          Acc* sum = sums.data() + (oy * g.x.in + ox) * g.filters;
          for (int32_t k = 0; k < g.filters; ++k) {
            const Filter* f = filter + ((int64_t{k} * g.y.filter + fy) * g.x.filter + fx) * g.channels;
            for (int32_t c = 0; c < g.channels; ++c) {
              sum[k] += (static_cast<Acc>(input[c]) - input_zero_point) * (static_cast<Acc>(f[c]) - filter_zero);
            }
          }
        }
      }
    }
  }
  for (size_t i = 0; i < sums.size(); ++i)
    out[i] = finish(sums[i], static_cast<int32_t>(i % static_cast<size_t>(g.filters)));
}

Expected<void> reference(const Evaluation& n, const TransposeConv& a) {
  const Geometry g = geometry(n, a, n.output_shape(0));
  reference_by_pictures(n, kRoles, a.fused_activation_function, {},
                        [&](const auto&... picture) { spread(g, picture...); });
  return {};
}

}  // namespace

extern const OpDef transpose_conv;
const OpDef transpose_conv = define<TransposeConv>({.code = OpCode::TRANSPOSE_CONV,
                                                    .options = "TransposeConvOptions",
                                                    .verify = verify,
                                                    .infer = infer,
                                                    .cost = cost,
                                                    .reference = reference});

}  // namespace monolite::ops
