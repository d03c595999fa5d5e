// FULLY_CONNECTED on 8-bit numbers.
//   match   uint8 or int8, weights and bias known, scales that rounded_once_q8 can follow
//   kernel  gemm_q8, as a pointwise convolution of a picture of rows

#include "ops/fully_connected.h"
#include "runtime/conv_windows.h"
#include "runtime/fast_steps.h"
#include "runtime/matrix_q8.h"

namespace monolite::runtime {
namespace {

using kernels::GemmQ8Kernel;
using kernels::RoundedOnceQ8;

constexpr int kInput = 0, kWeights = 1, kBias = 2;

class FullyConnectedQ8Step : public Step {
 public:
  FullyConnectedQ8Step(const ConvWindows& windows, const ConvolutionQ8& c, std::span<const RoundedOnceQ8> scales,
                       int64_t depth, const GemmQ8Kernel& kernel)
      : windows_(windows), matrix_(kernel, c, scales, depth) {}

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    windows_.run(context, in_, out_,
                 [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                   matrix_.multiply(segments, count, row_stride, rows, out);
                 });
    return {};
  }

 private:
  ConvWindows windows_;
  MatrixQ8 matrix_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
};

// The op's real scales, one a unit.
std::optional<std::vector<RoundedOnceQ8>> scales_of(const ops::NodeView& n, int32_t units, int32_t zero_point) {
  std::vector<RoundedOnceQ8> scales;
  for (const float s : n.input(kWeights).quantization.scale) {
    const auto one =
        kernels::rounded_once_q8(double{n.scale(kInput)} * double{s} / double{n.output_scale(0)}, zero_point);
    if (!one) return {};
    scales.push_back(*one);
  }
  if (scales.size() == 1) scales.resize(static_cast<size_t>(units), scales[0]);
  return scales.size() == static_cast<size_t>(units) ? std::optional(std::move(scales)) : std::nullopt;
}

}  // namespace

std::unique_ptr<Step> make_fully_connected_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::FULLY_CONNECTED) return nullptr;
  const ops::NodeView n = planner.view(node);
  // A bias that is not int32 (or left out) has its own arithmetic.
  if (n.has_input(kBias) && n.dtype(kBias) != DType::int32) return nullptr;
  const int32_t units = n.shape(kWeights)[0], depth = n.shape(kWeights)[1];
  if (depth < 1 || n.shape(kInput).elements() / depth > INT32_MAX) return nullptr;
  auto c = convolution_q8(planner, node, n.attributes<ops::FullyConnected>().fused_activation_function, 0);
  if (!c) return nullptr;
  // Per tensor the zero point of int8 weights counts here; convolutions have none.
  const bool is_per_channel = n.input(kWeights).quantization.is_per_channel();
  if (n.dtype(kWeights) == DType::uint8 && is_per_channel) return nullptr;
  if (n.dtype(kWeights) == DType::int8 && !is_per_channel) c->weights.zero_point += n.zero_point(kWeights);
  const auto scales = scales_of(n, units, c->output.zero_point);
  if (!scales) return nullptr;
  const auto rows = static_cast<int32_t>(n.shape(kInput).elements() / depth);
  const ops::WindowAxis across{rows, 1, 1, 1, ops::Padding::valid}, one{1, 1, 1, 1, ops::Padding::valid};
  const auto windows = ConvWindows::make({one, across, 1, depth, units, 1}, 0, planner.threads());
  if (!windows) return nullptr;
  const GemmQ8Kernel& kernel = kernels::select_gemm_q8(planner.isa());
  auto step = std::make_unique<FullyConnectedQ8Step>(*windows, *c, *scales, depth, kernel);
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
