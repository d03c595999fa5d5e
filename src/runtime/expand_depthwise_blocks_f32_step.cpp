// A pointwise CONV_2D and the DEPTHWISE_CONV_2D behind it, in float32, some channels at a time, without the tensor
// between them.
//   match   nobody else reads that tensor; a kernel's panel of channels of a whole picture fits the L2 cache
//   kernel  gemm_f32 a panel at a time, depthwise_f32 on that

#include <algorithm>

#include "kernels/gemm_f32/packed_f32.h"
#include "runtime/depthwise_rows_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/pointwise_f32.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;
using kernels::PackedF32;
using kernels::PanelF32;

constexpr int kInput = 0, kFilter = 1, kBias = 2;

class ExpandDepthwiseBlocksF32Step : public Step {
 public:
  ExpandDepthwiseBlocksF32Step(DepthwiseRowsF32 rows, const ops::NodeView& conv, const GemmF32Kernel& kernel)
      : rows_(std::move(rows)),
        depth_(conv.shape(kInput)[3]),
        batches_(conv.shape(kInput)[0]),
        pixels_(int64_t{conv.shape(kInput)[1]} * conv.shape(kInput)[2]),
        kernel_(kernel),
        range_(ops::float_range(conv.attributes<ops::Conv2D>().fused_activation_function)),
        packed_(kernel, {conv.data<float>(kFilter), static_cast<size_t>(conv.shape(kFilter).elements())},
                static_cast<int>(rows_.channels()), depth_,
                conv.has_input(kBias) ? std::span(conv.data<float>(kBias), static_cast<size_t>(rows_.channels()))
                                      : std::span<const float>()) {
    scratch_bytes = pixels_ * kernel.most_vectors * kernel.width * static_cast<int64_t>(sizeof(float));
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const float*>(tensors[static_cast<size_t>(reads[0])].data);
    out_ = reinterpret_cast<float*>(tensors[static_cast<size_t>(writes[0])].data);
  }

  Expected<void> run(const RunContext& context) override {
    const auto panels = static_cast<int64_t>(packed_.panels().size());
    context.pool.run(batches_ * panels, context.threads, [&](int64_t piece, int thread) {
      const PanelF32& panel = packed_.panels()[static_cast<size_t>(piece % panels)];
      block(piece / panels, panel, context.scratch_of<float>(thread));
    });
    return {};
  }

 private:
  void block(int64_t batch, const PanelF32& panel, float* between) const {
    const int64_t step = int64_t{panel.vectors} * kernel_.width;
    const float* in = in_ + batch * pixels_ * depth_;
    kernel_.run(panel, {&in, 1, static_cast<int>(depth_), depth_, pixels_, between, step, range_.least, range_.most});
    const auto row = [&](int64_t iy) { return between + iy * rows_.x().in * step; };
    float* out = out_ + batch * rows_.y().out() * rows_.x().out() * rows_.channels();
    for (int64_t oy = 0; oy < rows_.y().out(); ++oy) {
      rows_.compute(oy, row, panel.first_channel, panel.channels, step, out);
      out += rows_.x().out() * rows_.channels();
    }
  }

  DepthwiseRowsF32 rows_;
  int64_t depth_, batches_, pixels_;
  const GemmF32Kernel& kernel_;
  ops::Range<float> range_;
  PackedF32 packed_;
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
