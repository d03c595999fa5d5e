// CONV_2D on 8-bit numbers, and the ADD that takes its result.
//   match   uint8 or int8, one group, weights and bias known; nobody else reads what the ADD takes
//   kernel  gemm_q8, on rows that ConvWindows lays out; elementwise_q8 on those rows while they are in the cache

#include "ops/conv_2d.h"
#include "runtime/conv_windows.h"
#include "runtime/fast_steps.h"
#include "runtime/matrix_q8.h"
#include "runtime/residual_q8.h"

namespace monolite::runtime {
namespace {

using kernels::GemmQ8Kernel;

constexpr int kInput = 0, kFilter = 1;

class Conv2DQ8Step : public Step {
 public:
  Conv2DQ8Step(const ConvWindows& windows, const ConvolutionQ8& c, const GemmQ8Kernel& kernel,
               std::optional<ResidualQ8> residual)
      : windows_(windows),
        matrix_(kernel, c, windows.packed_segments(), windows.packed_elements()),
        residual_(residual) {
    scratch_bytes = windows.scratch_bytes();
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    other_ = residual_ ? elements_of<const uint8_t>(tensors, reads[1]) : nullptr;
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    windows_.run(context, in_, out_,
                 [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                   matrix_.multiply(segments, count, row_stride, rows, out);
                   if (residual_) residual_->add(other_ + (out - out_), rows * matrix_.channels(), out);
                 });
    return {};
  }

 private:
  ConvWindows windows_;
  MatrixQ8 matrix_;
  std::optional<ResidualQ8> residual_;
  const uint8_t *in_ = nullptr, *other_ = nullptr;
  uint8_t* out_ = nullptr;
};

std::unique_ptr<Step> make(const Planner& planner, size_t node, std::optional<ResidualQ8> residual) {
  const ops::NodeView n = planner.view(node);
  if (n.shape(kFilter)[3] != n.shape(kInput)[3]) return nullptr;
  const auto c = convolution_q8(planner, node, n.attributes<ops::Conv2D>().fused_activation_function, 0);
  if (!c) return nullptr;
  const auto windows = ConvWindows::make(ConvWindows::Geometry::of(n), c->pad_value, planner.threads());
  if (!windows) return nullptr;
  const GemmQ8Kernel& kernel = kernels::select_gemm_q8(planner.isa());
  auto step = std::make_unique<Conv2DQ8Step>(*windows, *c, kernel, residual);
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace

std::unique_ptr<Step> make_conv_2d_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::CONV_2D) return nullptr;
  return make(planner, node, std::nullopt);
}

std::unique_ptr<Step> make_conv_2d_add_q8_step(const Planner& planner, size_t node) {
  return make_with_residual_q8(planner, node, make);
}

}  // namespace monolite::runtime
