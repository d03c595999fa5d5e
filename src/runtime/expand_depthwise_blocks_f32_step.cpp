// A pointwise CONV_2D and the DEPTHWISE_CONV_2D behind it, in float32, some channels at a time, without the tensor
// between them.
//   match   nobody else reads that tensor; a kernel's panel of channels of a whole picture fits the L2 cache
//   kernel  gemm_f32 a panel at a time, depthwise_f32 on that

#include "runtime/convolution_f32.h"
#include "runtime/depthwise_rows_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/matrix_f32.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;
using kernels::PanelF32;

constexpr int kInput = 0;

class ExpandDepthwiseBlocksF32Step : public Step {
 public:
  ExpandDepthwiseBlocksF32Step(DepthwiseRowsF32 rows, const ops::NodeView& conv, const GemmF32Kernel& kernel)
      : rows_(std::move(rows)),
        batches_(conv.shape(kInput)[0]),
        pixels_(int64_t{conv.shape(kInput)[1]} * conv.shape(kInput)[2]),
        width_(kernel.width),
        expand_(kernel, conv) {
    scratch_bytes = pixels_ * kernel.most_vectors * kernel.width * static_cast<int64_t>(sizeof(float));
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const float>(tensors, reads[0]);
    out_ = elements_of<float>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    const auto panels = static_cast<int64_t>(expand_.panels().size());
    context.pool.run(batches_ * panels, context.threads, [&](int64_t piece, int thread) {
      const PanelF32& panel = expand_.panels()[static_cast<size_t>(piece % panels)];
      block(piece / panels, panel, context.scratch_of<float>(thread));
    });
    return {};
  }

 private:
  void block(int64_t batch, const PanelF32& panel, float* between) const {
    const int64_t step = int64_t{panel.vectors} * width_;
    const float* in = in_ + batch * pixels_ * expand_.depth();
    expand_.multiply(panel, &in, 1, expand_.depth(), pixels_, between, step);
    const auto row = [&](int64_t iy) { return between + iy * rows_.x().in * step; };
    float* out = out_ + batch * rows_.y().out() * rows_.x().out() * rows_.channels();
    for (int64_t oy = 0; oy < rows_.y().out(); ++oy) {
      rows_.compute(oy, row, panel.first_channel, panel.channels, step, out);
      out += rows_.x().out() * rows_.channels();
    }
  }

  DepthwiseRowsF32 rows_;
  int64_t batches_, pixels_, width_;
  MatrixF32 expand_;
  const float* in_ = nullptr;
  float* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_expand_depthwise_blocks_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::DEPTHWISE_CONV_2D) return nullptr;
  const auto conv = planner.absorbable(node, DepthwiseRowsF32::kInput, OpCode::CONV_2D);
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  if (!conv || !runs_in_blocks_f32(planner, *conv)) return nullptr;
  auto rows = DepthwiseRowsF32::make(planner, node);
  if (!rows) return nullptr;
  const std::string name = std::string(kernel.name) + "+" + rows->kernel_name();
  auto step = std::make_unique<ExpandDepthwiseBlocksF32Step>(std::move(*rows), planner.view(*conv), kernel);
  step->nodes = {*conv, node};
  step->kernel_name = name;
  step->reads = {planner.node(*conv).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
