// CONV_2D and FULLY_CONNECTED in float32, with the sums and products that end them.
//   match   one group, weights and bias known
//   kernel  gemm_f32, on rows that ConvWindows lays out; a FULLY_CONNECTED is a pointwise convolution of a picture of
//   rows

#include "kernels/gemm_f32/packed_f32.h"
#include "ops/activation.h"
#include "ops/conv_2d.h"
#include "ops/fully_connected.h"
#include "runtime/conv_windows.h"
#include "runtime/ending_f32.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;
using kernels::PackedF32;
using kernels::PanelF32;

constexpr int kInput = 0, kFilter = 1, kBias = 2;

class MatrixF32Step : public Step {
 public:
  MatrixF32Step(const ConvWindows& windows, const ops::NodeView& n, int32_t channels, ops::Range<float> range,
                const GemmF32Kernel& kernel, std::optional<EndingF32> ending)
      : windows_(windows),
        kernel_(kernel),
        range_(range),
        channels_(channels),
        ending_(std::move(ending)),
        packed_(kernel, {n.data<float>(kFilter), static_cast<size_t>(n.shape(kFilter).elements())}, channels,
                windows.packed_segments() * windows.packed_elements(),
                n.has_input(kBias) ? std::span(n.data<float>(kBias), static_cast<size_t>(channels))
                                   : std::span<const float>()) {
    scratch_bytes = windows.scratch_bytes();
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const uint8_t*>(tensors[static_cast<size_t>(reads[0])].data);
    out_ = reinterpret_cast<uint8_t*>(tensors[static_cast<size_t>(writes[0])].data);
    if (ending_) ending_->bind(tensors);
  }

  Expected<void> run(const RunContext& context) override {
    windows_.run(context, in_, out_,
                 [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                   const float* starts[ConvWindows::kMostSegments];
                   for (int s = 0; s < count; ++s) starts[s] = reinterpret_cast<const float*>(segments[s]);
                   const auto elements = static_cast<int>(windows_.packed_elements());
                   constexpr auto kBytes = static_cast<int64_t>(sizeof(float));
                   for (const PanelF32& panel : packed_.panels()) {
                     float* to = reinterpret_cast<float*>(out) + panel.first_channel;
                     kernels::GemmF32Args args{starts, count,     elements,     row_stride / kBytes, rows,
                                               to,     channels_, range_.least, range_.most};
                     if (ending_) {
                       ending_->set(args, to - reinterpret_cast<const float*>(out_), panel.first_channel);
                     }
                     kernel_.run(panel, args);
                   }
                 });
    return {};
  }

 private:
  ConvWindows windows_;
  const GemmF32Kernel& kernel_;
  ops::Range<float> range_;
  int32_t channels_;
  std::optional<EndingF32> ending_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  PackedF32 packed_;
};

bool is_float(const Planner& planner, size_t node) {
  const ops::NodeView n = planner.view(node);
  return n.dtype(kInput) == DType::float32 && n.dtype(kFilter) == DType::float32 &&
         n.output_dtype(0) == DType::float32 && planner.are_known(node, kFilter) && n.output_shape(0).elements() > 0 &&
         n.shape(kInput).elements() > 0;
}

std::unique_ptr<Step> make(const Planner& planner, size_t node, const ConvWindows::Geometry& geometry,
                           ops::Activation activation, std::optional<EndingF32> ending) {
  if (ending && activation != ops::Activation::none) return nullptr;
  const auto windows = ConvWindows::make(geometry, 0, planner.threads());
  if (!windows) return nullptr;
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  const auto range = ending ? ending->range() : ops::float_range(activation);
  auto step = std::make_unique<MatrixF32Step>(*windows, planner.view(node), static_cast<int32_t>(geometry.out_channels),
                                              range, kernel, ending);
  step->nodes = ending ? ending->nodes() : std::vector<size_t>{node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[kInput]};
  if (ending) {
    for (const TensorId id : ending->reads()) step->reads.push_back(id);
  }
  step->writes = planner.node(step->nodes.back()).outputs;
  return step;
}

std::unique_ptr<Step> make_conv_2d(const Planner& planner, size_t node, std::optional<EndingF32> ending) {
  if (planner.node(node).op != OpCode::CONV_2D || !is_float(planner, node)) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::Conv2D>();
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  if (filter[3] != in[3]) return nullptr;
  return make(planner, node,
              {{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
               {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding},
               in[0],
               in[3],
               filter[0],
               sizeof(float)},
              a.fused_activation_function, std::move(ending));
}

std::unique_ptr<Step> make_fully_connected(const Planner& planner, size_t node, std::optional<EndingF32> ending) {
  if (planner.node(node).op != OpCode::FULLY_CONNECTED || !is_float(planner, node)) return nullptr;
  const ops::NodeView n = planner.view(node);
  const Shape& weights = n.shape(kFilter);
  const int64_t rows = n.shape(kInput).elements() / std::max(1, weights[1]);
  if (weights[1] < 1 || rows > INT32_MAX) return nullptr;
  const ops::WindowAxis across{static_cast<int32_t>(rows), 1, 1, 1, ops::Padding::valid},
      one{1, 1, 1, 1, ops::Padding::valid};
  return make(planner, node, {one, across, 1, weights[1], weights[0], sizeof(float)},
              n.attributes<ops::FullyConnected>().fused_activation_function, std::move(ending));
}

}  // namespace

std::unique_ptr<Step> make_matrix_ending_f32_step(const Planner& planner, size_t node) {
  auto ending = EndingF32::find(planner, node, {OpCode::CONV_2D, OpCode::FULLY_CONNECTED});
  if (!ending) return nullptr;
  const size_t product = ending->product();
  if (auto step = make_conv_2d(planner, product, ending)) return step;
  return make_fully_connected(planner, product, std::move(ending));
}

std::unique_ptr<Step> make_conv_2d_f32_step(const Planner& planner, size_t node) {
  return make_conv_2d(planner, node, {});
}

std::unique_ptr<Step> make_fully_connected_f32_step(const Planner& planner, size_t node) {
  return make_fully_connected(planner, node, {});
}

}  // namespace monolite::runtime
