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
    if (!is_float || filter[3] != in[3] || filter[1] > kMostRows) return {};
    return DepthwiseRowsF32(planner, n);
  }

  const ops::WindowAxis& y() const { return axes_.y; }
  const ops::WindowAxis& x() const { return axes_.x; }
  int64_t channels() const { return channels_; }
  const char* kernel_name() const { return kernel_->name; }

  // Output row oy of one picture. row(iy) is where input row iy lies, for rows inside of the picture.
  template <class Row>
  void compute(int64_t oy, const Row& row, float* out) const {
    compute(oy, row, 0, channels_, channels_, out);
  }

  // The same, of a picture whose input rows are made on the way: expand(iy, to) for each that the window sees, if the
  // call before, for row oy - 1, has not made it. ring: ring_floats(), theirs alone. `next`: 0 at first, then as it was
  // left.
  template <class Expand>
  void compute_in_ring(int64_t oy, float* ring, int64_t& next, const Expand& expand, float* out) const {
    const auto slot = [&](int64_t iy) { return ring + iy % y().reach() * x().in * channels_; };
    const auto [first, end] = y().span(oy);
    for (next = std::max(next, first); next < end; ++next) expand(next, slot(next));
    compute(oy, slot, out);
  }
  int64_t ring_floats() const { return y().reach() * x().in * channels_; }

  // Of `count` channels from `first` on. row(iy) is where the first of them lies, and its columns are `in_step` floats
  // apart; `out` is where the row's channel 0 lies.
  template <class Row>
  void compute(int64_t oy, const Row& row, int64_t first, int64_t count, int64_t in_step, float* out) const {
    const float* rows[kMostRows];
    for (int fy = 0; fy < y().filter; ++fy) {
      const int64_t iy = y().start(oy) + int64_t{fy} * y().dilation;
      rows[fy] = iy >= 0 && iy < y().in ? row(iy) : nullptr;
    }
    kernels::DepthwiseF32Args a{};
    a.rows = rows;
    a.row_count = y().filter;
    a.taps = x().filter;
    a.channels = count;
    a.in_step = in_step;
    a.out_step = channels_;
    a.weight_step = channels_;
    a.columns = x().in;
    a.pad_left = x().pad_before();
    a.stride = x().stride;
    a.dilation = x().dilation;
    a.weights = weights_.data() + first;
    a.bias = bias_.data() + first;
    a.least = range_.least;
    a.most = range_.most;
    a.out = out + first;
    a.out_columns = x().out();
    kernel_->run(a);
  }

 private:
  static constexpr int kMostRows = 64;

  DepthwiseRowsF32(const Planner& planner, const ops::NodeView& n)
      : axes_(ops::window_axes(n.shape(kInput), n.shape(kFilter), n.attributes<ops::DepthwiseConv2D>())),
        channels_(n.shape(kInput)[3]),
        weights_(n.data<float>(kFilter), n.data<float>(kFilter) + n.shape(kFilter).elements()),
        bias_(static_cast<size_t>(channels_)),
        range_(ops::float_range(n.attributes<ops::DepthwiseConv2D>().fused_activation_function)),
        kernel_(&kernels::select_depthwise_f32(planner.isa())) {
    if (n.has_input(kBias)) std::copy_n(n.data<float>(kBias), channels_, bias_.begin());
  }

  ops::WindowAxes axes_;
  int64_t channels_;
  std::vector<float> weights_, bias_;
  ops::Range<float> range_;
  const kernels::DepthwiseF32Kernel* kernel_;
};

}  // namespace monolite::runtime
