#pragma once
// The output rows of a float32 DEPTHWISE_CONV_2D with multiplier 1: its constants and what its kernel is told each
// time.

#include <algorithm>
#include <vector>

#include "kernels/depthwise_f32/select.h"
#include "ops/activation.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/planner.h"

namespace monolite::runtime {

class DepthwiseRowsF32 {
 public:
  static constexpr int kInput = 0, kFilter = 1, kBias = 2;

  static std::optional<DepthwiseRowsF32> make(const Planner& planner, size_t node) {
    if (planner.node(node).op != OpCode::DEPTHWISE_CONV_2D || !planner.are_known(node, kFilter)) return {};
    const ops::NodeView n = planner.view(node);
    const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
    const bool is_float = n.dtype(kInput) == DType::float32 && n.dtype(kFilter) == DType::float32;
    if (!is_float || filter[3] != in[3] || filter[1] > kMostRows || n.output_shape(0).elements() == 0) return {};
    return DepthwiseRowsF32(planner, n);
  }

  const ops::WindowAxis& y() const { return y_; }
  const ops::WindowAxis& x() const { return x_; }
  int64_t channels() const { return channels_; }
  const char* kernel_name() const { return kernel_->name; }

  // Output row oy of one picture. row(iy) is where input row iy lies, for rows inside of the picture.
  template <class Row>
  void compute(int64_t oy, const Row& row, float* out) const {
    compute(oy, row, 0, channels_, channels_, out);
  }

  // Of `count` channels from `first` on. row(iy) is where the first of them lies, and its columns are `in_step` floats
  // apart; `out` is where the row's channel 0 lies.
  template <class Row>
  void compute(int64_t oy, const Row& row, int64_t first, int64_t count, int64_t in_step, float* out) const {
    const float* rows[kMostRows];
    for (int fy = 0; fy < y_.filter; ++fy) {
      const int64_t iy = y_.start(oy) + int64_t{fy} * y_.dilation;
      rows[fy] = iy >= 0 && iy < y_.in ? row(iy) : nullptr;
    }
    kernels::DepthwiseF32Args a{};
    a.rows = rows;
    a.row_count = y_.filter;
    a.taps = x_.filter;
    a.channels = count;
    a.in_step = in_step;
    a.out_step = channels_;
    a.weight_step = channels_;
    a.columns = x_.in;
    a.pad_left = x_.pad_before();
    a.stride = x_.stride;
    a.dilation = x_.dilation;
    a.weights = weights_.data() + first;
    a.bias = bias_.data() + first;
    a.least = range_.least;
    a.most = range_.most;
    a.out = out + first;
    a.out_columns = x_.out();
    kernel_->run(a);
  }

 private:
  static constexpr int kMostRows = 64;

  DepthwiseRowsF32(const Planner& planner, const ops::NodeView& n)
      : channels_(n.shape(kInput)[3]),
        weights_(n.data<float>(kFilter), n.data<float>(kFilter) + n.shape(kFilter).elements()),
        bias_(static_cast<size_t>(channels_)),
        kernel_(&kernels::select_depthwise_f32(planner.isa())) {
    const auto a = n.attributes<ops::DepthwiseConv2D>();
    const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
    y_ = {in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding};
    x_ = {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding};
    range_ = ops::float_range(a.fused_activation_function);
    if (n.has_input(kBias)) std::copy_n(n.data<float>(kBias), channels_, bias_.begin());
  }

  ops::WindowAxis y_{}, x_{};
  int64_t channels_;
  std::vector<float> weights_, bias_;
  ops::Range<float> range_{};
  const kernels::DepthwiseF32Kernel* kernel_;
};

}  // namespace monolite::runtime
