// DEPTHWISE_CONV_2D on 8-bit numbers.
//   match   uint8 or int8, multiplier 1, weights and bias known
//   kernel  depthwise_q8, one or two output rows and a block of channels at a time

#include <algorithm>

#include "ops/depthwise_conv_2d.h"
#include "runtime/depthwise_rows_q8.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::DepthwiseQ8Kernel;
using ops::WindowAxis;

constexpr int kInput = 0, kFilter = 1;

class DepthwiseConv2DQ8Step : public Step {
 public:
  DepthwiseConv2DQ8Step(const DepthwiseQ8Kernel& kernel, const ConvolutionQ8& c, const WindowAxis& y,
                        const WindowAxis& x, int64_t batches, int threads)
      : depthwise_(kernel, c, y, x),
        in_height_(y.in),
        out_height_(y.out()),
        in_row_bytes_(static_cast<int64_t>(c.multipliers.size()) * x.in),
        out_row_bytes_(static_cast<int64_t>(c.multipliers.size()) * x.out()),
        rows_(batches * y.out()),
        pieces_(pieces_of(rows_, 1, rows_, threads)) {
    scratch_bytes = depthwise_.scratch_bytes();
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int thread) {
      const int64_t last = std::min((piece + 1) * pieces_.rows, rows_);
      for (int64_t row = piece * pieces_.rows; row < last;) {
        const int64_t batch = row / out_height_, end = std::min(last, (batch + 1) * out_height_);
        const uint8_t* picture = in_ + batch * in_height_ * in_row_bytes_;
        depthwise_.compute(
            row % out_height_, row % out_height_ + end - row, [&](int64_t iy) { return picture + iy * in_row_bytes_; },
            [](int64_t) {}, context.scratch_of<uint8_t>(thread), out_ + row * out_row_bytes_, out_row_bytes_);
        row = end;
      }
    });
    return {};
  }

 private:
  DepthwiseRowsQ8 depthwise_;
  int64_t in_height_, out_height_, in_row_bytes_, out_row_bytes_, rows_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_depthwise_conv_2d_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::DEPTHWISE_CONV_2D) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::DepthwiseConv2D>();
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  const auto [y, x] = ops::window_axes(in, filter, a);
  if (filter[3] != in[3] || !DepthwiseRowsQ8::fits(y, x)) return nullptr;
  const auto c = convolution_q8(planner, node, a.fused_activation_function, 3);
  if (!c) return nullptr;
  const DepthwiseQ8Kernel& kernel = kernels::select_depthwise_q8(planner.isa());
  auto step = std::make_unique<DepthwiseConv2DQ8Step>(kernel, *c, y, x, in[0], planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
