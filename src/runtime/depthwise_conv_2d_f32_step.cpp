// DEPTHWISE_CONV_2D in float32.
//   match   multiplier 1, weights and bias known
//   kernel  depthwise_f32, an output row at a time

#include <algorithm>

#include "kernels/depthwise_f32/select.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/convolution_q8.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::DepthwiseF32Args;
using kernels::DepthwiseF32Kernel;

constexpr int kInput = 0, kFilter = 1, kBias = 2;
constexpr int kMostRows = 64;

class DepthwiseConv2DF32Step : public Step {
 public:
  DepthwiseConv2DF32Step(const ops::WindowAxis& y, const ops::WindowAxis& x, const ops::NodeView& n,
                         ops::Range<float> range, const DepthwiseF32Kernel& kernel, const Node& node, int threads)
      : y_(y),
        x_(x),
        channels_(n.shape(kInput)[3]),
        rows_(int64_t{n.shape(kInput)[0]} * y.out()),
        weights_(n.data<float>(kFilter), n.data<float>(kFilter) + n.shape(kFilter).elements()),
        bias_(static_cast<size_t>(channels_)),
        range_(range),
        kernel_(kernel),
        in_id_(node.inputs[kInput]),
        out_id_(node.outputs[0]),
        pieces_(pieces_of(rows_, 1, rows_, threads)) {
    if (n.has_input(kBias)) std::copy_n(n.data<float>(kBias), channels_, bias_.begin());
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const float*>(tensors[static_cast<size_t>(in_id_)].data);
    out_ = reinterpret_cast<float*>(tensors[static_cast<size_t>(out_id_)].data);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int) {
      const int64_t last = std::min((piece + 1) * pieces_.rows, rows_);
      for (int64_t row = piece * pieces_.rows; row < last; ++row) compute_row(row);
    });
    return {};
  }

 private:
  void compute_row(int64_t row) const {
    const int64_t batch = row / y_.out(), oy = row % y_.out();
    const float* rows[kMostRows];
    for (int fy = 0; fy < y_.filter; ++fy) {
      const int64_t iy = oy * y_.stride - y_.pad_before() + int64_t{fy} * y_.dilation;
      rows[fy] = iy >= 0 && iy < y_.in ? in_ + (batch * y_.in + iy) * x_.in * channels_ : nullptr;
    }
    DepthwiseF32Args a{};
    a.rows = rows;
    a.row_count = y_.filter;
    a.taps = x_.filter;
    a.channels = channels_;
    a.columns = x_.in;
    a.pad_left = x_.pad_before();
    a.stride = x_.stride;
    a.dilation = x_.dilation;
    a.weights = weights_.data();
    a.bias = bias_.data();
    a.least = range_.least;
    a.most = range_.most;
    a.out = out_ + row * x_.out() * channels_;
    a.out_columns = x_.out();
    kernel_.run(a);
  }

  ops::WindowAxis y_, x_;
  int64_t channels_, rows_;
  std::vector<float> weights_, bias_;
  ops::Range<float> range_;
  const DepthwiseF32Kernel& kernel_;
  TensorId in_id_, out_id_;
  const float* in_ = nullptr;
  float* out_ = nullptr;
  Pieces pieces_;
};

}  // namespace

std::unique_ptr<Step> make_depthwise_conv_2d_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::DEPTHWISE_CONV_2D || !planner.are_known(node, kFilter)) return nullptr;
  const ops::NodeView n = planner.view(node);
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  const bool is_float = n.dtype(kInput) == DType::float32 && n.dtype(kFilter) == DType::float32;
  if (!is_float || filter[3] != in[3] || filter[1] > kMostRows || n.output_shape(0).elements() == 0) return nullptr;
  const auto a = n.attributes<ops::DepthwiseConv2D>();
  const DepthwiseF32Kernel& kernel = kernels::select_depthwise_f32(planner.isa());
  auto step = std::make_unique<DepthwiseConv2DF32Step>(
      ops::WindowAxis{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
      ops::WindowAxis{in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding}, n,
      ops::float_range(a.fused_activation_function), kernel, planner.node(node), planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
