// CONV_2D and FULLY_CONNECTED in float32, with the sums and products that end them.
//   match   one group, weights and bias known
//   kernel  gemm_f32, on rows that ConvWindows lays out; a FULLY_CONNECTED is a pointwise convolution of one row

#include "runtime/conv_windows.h"
#include "runtime/convolution_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/matrix_f32.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;

constexpr int kInput = 0, kWeights = 1;

class MatrixF32Step : public Step {
 public:
  MatrixF32Step(const ConvWindows& windows, MatrixF32 matrix) : windows_(windows), matrix_(std::move(matrix)) {
    scratch_bytes = windows.scratch_bytes();
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
    matrix_.bind(tensors);
  }

  Expected<void> run(const RunContext& context) override {
    windows_.run(context, in_, out_,
                 [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                   matrix_.multiply_bytes(segments, count, row_stride, rows, out);
                 });
    return {};
  }

 private:
  ConvWindows windows_;
  MatrixF32 matrix_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
};

std::unique_ptr<Step> make(const Planner& planner, size_t node, const ConvWindows::Geometry& geometry,
                           const std::optional<EndingF32>& ending) {
  const auto windows = ConvWindows::make(geometry, 0, planner.threads());
  if (!windows) return nullptr;
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  auto step = std::make_unique<MatrixF32Step>(*windows, MatrixF32(kernel, planner.view(node), ending));
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {planner.node(node).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  if (ending) ending->extend(*step);
  return step;
}

std::unique_ptr<Step> make_conv_2d(const Planner& planner, size_t node, const std::optional<EndingF32>& ending) {
  if (!is_convolution_f32(planner, node)) return nullptr;
  return make(planner, node, ConvWindows::Geometry::of(planner.view(node)), ending);
}

std::unique_ptr<Step> make_fully_connected(const Planner& planner, size_t node,
                                           const std::optional<EndingF32>& ending) {
  if (planner.node(node).op != OpCode::FULLY_CONNECTED || !is_product_f32(planner, node)) return nullptr;
  const ops::NodeView n = planner.view(node);
  const Shape& weights = n.shape(kWeights);
  const int64_t rows = n.shape(kInput).elements() / std::max(1, weights[1]);
  if (weights[1] < 1 || rows > INT32_MAX) return nullptr;
  const ops::WindowAxis across{static_cast<int32_t>(rows), 1, 1, 1, ops::Padding::valid},
      one{1, 1, 1, 1, ops::Padding::valid};
  return make(planner, node, {one, across, 1, weights[1], weights[0], sizeof(float)}, ending);
}

}  // namespace

std::unique_ptr<Step> make_matrix_ending_f32_step(const Planner& planner, size_t node) {
  const auto ending = EndingF32::find(planner, node, {OpCode::CONV_2D, OpCode::FULLY_CONNECTED});
  if (!ending) return nullptr;
  if (auto step = make_conv_2d(planner, ending->product(), ending)) return step;
  return make_fully_connected(planner, ending->product(), ending);
}

std::unique_ptr<Step> make_conv_2d_f32_step(const Planner& planner, size_t node) {
  return make_conv_2d(planner, node, {});
}

std::unique_ptr<Step> make_fully_connected_f32_step(const Planner& planner, size_t node) {
  return make_fully_connected(planner, node, {});
}

}  // namespace monolite::runtime
