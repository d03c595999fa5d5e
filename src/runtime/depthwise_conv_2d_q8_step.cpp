// DEPTHWISE_CONV_2D on 8-bit numbers.
//   match   uint8 or int8, multiplier 1, weights and bias known
//   kernel  depthwise_q8, an output row and a block of channels at a time
// Rows above and below the picture are a row of pad values that the step keeps.

#include <algorithm>

#include "kernels/depthwise_q8/packed_depthwise_q8.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/arena.h"
#include "runtime/convolution_q8.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::DepthwiseBlockQ8;
using kernels::DepthwiseQ8Args;
using kernels::DepthwiseQ8Kernel;
using kernels::kRowGroup;
using kernels::PackedDepthwiseQ8;
using ops::WindowAxis;

constexpr int kInput = 0, kFilter = 1;
constexpr int kMostRows = 32;
constexpr int64_t kMostScratch = 16 << 20;

struct Geometry {
  WindowAxis y, x;
  int64_t batches, channels;
};

class DepthwiseConv2DQ8Step : public Step {
 public:
  DepthwiseConv2DQ8Step(const Geometry& g, const ConvolutionQ8& c, const DepthwiseQ8Kernel& kernel, TensorId in,
                        TensorId out, int threads)
      : g_(g),
        kernel_(kernel),
        flip_(c.flip),
        pad_value_(c.pad_value),
        output_(c.output),
        rectified_(c.rectified),
        in_id_(in),
        out_id_(out),
        packed_(kernel, c.weights, g.y.filter, g.x.filter, static_cast<int>(g.channels), c.bias, c.input_zero_point,
                c.multipliers, c.output.zero_point),
        pad_row_(static_cast<size_t>(g.x.in * g.channels + kReadableBehind), c.pad_value),
        pieces_(pieces_of(g.batches * g.y.out(), 1, g.batches * g.y.out(), threads)) {
    scratch_bytes = kernels::depthwise_q8_scratch(packed_.row_groups(), g.x.filter, g.x.stride, g.x.dilation);
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const uint8_t*>(tensors[static_cast<size_t>(in_id_)].data);
    out_ = reinterpret_cast<uint8_t*>(tensors[static_cast<size_t>(out_id_)].data);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int thread) {
      const int64_t last = std::min((piece + 1) * pieces_.rows, g_.batches * g_.y.out());
      for (int64_t row = piece * pieces_.rows; row < last; ++row) {
        compute_row(row / g_.y.out(), row % g_.y.out(), context.scratch_of<uint8_t>(thread));
      }
    });
    return {};
  }

 private:
  void compute_row(int64_t batch, int64_t oy, uint8_t* scratch) const {
    DepthwiseQ8Args a{};
    const uint8_t* rows[kMostRows];
    a.rows = rows;
    a.row_groups = packed_.row_groups();
    a.pixel_stride = g_.channels;
    a.columns = g_.x.in;
    a.pad_left = g_.x.pad_before();
    a.taps = g_.x.filter;
    a.stride = g_.x.stride;
    a.dilation = g_.x.dilation;
    a.pad_value = pad_value_;
    a.flip = flip_;
    a.out_stride = g_.channels;
    a.out_columns = g_.x.out();
    a.output = output_;
    a.rectified = rectified_;
    a.scratch = scratch;
    uint8_t* out = out_ + (batch * g_.y.out() + oy) * g_.x.out() * g_.channels;
    for (const DepthwiseBlockQ8& block : packed_.blocks()) {
      for (int i = 0; i < a.row_groups * kRowGroup; ++i) {
        // Behind the window's last row stand weights of 0: any row will do.
        const int64_t iy = oy * g_.y.stride - g_.y.pad_before() + int64_t{std::min(i, g_.y.filter - 1)} * g_.y.dilation;
        const bool inside = iy >= 0 && iy < g_.y.in;
        rows[i] =
            (inside ? in_ + (batch * g_.y.in + iy) * g_.x.in * g_.channels : pad_row_.data()) + block.first_channel;
      }
      a.out = out + block.first_channel;
      kernel_.run(block, a);
    }
  }

  Geometry g_;
  const DepthwiseQ8Kernel& kernel_;
  uint8_t flip_, pad_value_;
  kernels::OutputQ8 output_;
  bool rectified_;
  TensorId in_id_, out_id_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  PackedDepthwiseQ8 packed_;
  std::vector<uint8_t> pad_row_;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_depthwise_conv_2d_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::DEPTHWISE_CONV_2D) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::DepthwiseConv2D>();
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  if (filter[3] != in[3] || filter[1] > kMostRows - kRowGroup) return nullptr;
  const Geometry g{{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
                   {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding},
                   in[0],
                   in[3]};
  const int row_groups = (filter[1] + kRowGroup - 1) / kRowGroup;
  if (g.x.stride > 1024 || g.x.reach() > 65536 ||
      kernels::depthwise_q8_scratch(row_groups, g.x.filter, g.x.stride, g.x.dilation) > kMostScratch) {
    return nullptr;
  }
  const auto c = convolution_q8(planner, node, a.fused_activation_function, 3);
  if (!c) return nullptr;
  const DepthwiseQ8Kernel& kernel = kernels::select_depthwise_q8(planner.isa());
  const TensorId in_id = planner.node(node).inputs[kInput], out_id = planner.node(node).outputs[0];
  auto step = std::make_unique<DepthwiseConv2DQ8Step>(g, *c, kernel, in_id, out_id, planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {in_id};
  step->writes = {out_id};
  return step;
}

}  // namespace monolite::runtime
