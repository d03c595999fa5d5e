// CONV_2D on 8-bit numbers.
//   match   uint8 or int8, one group, weights and bias known
//   kernel  gemm_q8, on rows that ConvWindows lays out

#include "kernels/gemm_q8/packed_q8.h"
#include "ops/conv_2d.h"
#include "runtime/conv_windows.h"
#include "runtime/convolution_q8.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::GemmQ8Args;
using kernels::GemmQ8Kernel;
using kernels::PackedQ8;
using kernels::PanelQ8;

constexpr int kInput = 0, kFilter = 1;

class Conv2DQ8Step : public Step {
 public:
  Conv2DQ8Step(const ConvWindows& windows, const ConvolutionQ8& c, const GemmQ8Kernel& kernel, int32_t channels,
               TensorId in, TensorId out)
      : windows_(windows),
        kernel_(kernel),
        flip_(c.flip),
        output_(c.output),
        rectified_(c.rectified),
        channels_(channels),
        in_id_(in),
        out_id_(out),
        packed_(kernel, c.weights, channels, windows.packed_segments(), static_cast<int>(windows.packed_elements()),
                c.bias, c.input_zero_point, c.multipliers, c.output.zero_point) {
    scratch_bytes = windows.scratch_bytes();
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const uint8_t*>(tensors[static_cast<size_t>(in_id_)].data);
    out_ = reinterpret_cast<uint8_t*>(tensors[static_cast<size_t>(out_id_)].data);
  }

  Expected<void> run(const RunContext& context) override {
    windows_.run(context, in_, out_,
                 [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                   GemmQ8Args args{};
                   args.segments = segments;
                   args.segment_count = count;
                   args.groups = packed_.groups();
                   args.row_stride = row_stride;
                   args.rows = rows;
                   args.flip = flip_;
                   args.out_stride = channels_;
                   args.output = output_;
                   args.rectified = rectified_;
                   for (const PanelQ8& panel : packed_.panels()) {
                     args.out = out + panel.first_channel;
                     kernel_.run(panel, args);
                   }
                 });
    return {};
  }

 private:
  ConvWindows windows_;
  const GemmQ8Kernel& kernel_;
  uint8_t flip_;
  kernels::OutputQ8 output_;
  bool rectified_;
  int32_t channels_;
  TensorId in_id_, out_id_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  PackedQ8 packed_;
};

}  // namespace

std::unique_ptr<Step> make_conv_2d_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::CONV_2D) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::Conv2D>();
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  if (filter[3] != in[3]) return nullptr;
  const auto c = convolution_q8(planner, node, a.fused_activation_function, 0);
  if (!c) return nullptr;
  const auto windows = ConvWindows::make({{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
                                          {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding},
                                          in[0],
                                          in[3],
                                          filter[0],
                                          1},
                                         c->pad_value, planner.threads());
  if (!windows) return nullptr;
  const GemmQ8Kernel& kernel = kernels::select_gemm_q8(planner.isa());
  const TensorId in_id = planner.node(node).inputs[kInput], out_id = planner.node(node).outputs[0];
  auto step = std::make_unique<Conv2DQ8Step>(*windows, *c, kernel, filter[0], in_id, out_id);
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {in_id};
  step->writes = {out_id};
  return step;
}

}  // namespace monolite::runtime
