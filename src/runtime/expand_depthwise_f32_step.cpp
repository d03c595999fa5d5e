// A pointwise CONV_2D and the DEPTHWISE_CONV_2D behind it, in float32, without the tensor between them.
//   match   nobody else reads that tensor; it is large, and the rows of one window with the weights fit the L2 cache.
//           Small pictures: expand_depthwise_blocks_f32_step.cpp
//   kernel  gemm_f32 a row at a time into a ring of rows, depthwise_f32 on that

#include <algorithm>

#include "kernels/gemm_f32/packed_f32.h"
#include "ops/conv_2d.h"
#include "runtime/depthwise_rows_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"
#include "runtime/pointwise_f32.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;
using kernels::PackedF32;
using kernels::PanelF32;

constexpr int kInput = 0, kFilter = 1, kBias = 2;
constexpr int64_t kLeastBytes = 1 << 20;   // of the tensor between
constexpr int64_t kMostBytes = 768 << 10;  // of ring and weights
constexpr int64_t kLeastRows = 8;          // of a piece: those around it are computed twice

class ExpandDepthwiseF32Step : public Step {
 public:
  ExpandDepthwiseF32Step(DepthwiseRowsF32 rows, const ops::NodeView& conv, const GemmF32Kernel& kernel, int threads)
      : rows_(std::move(rows)),
        depth_(conv.shape(kInput)[3]),
        batches_(conv.shape(kInput)[0]),
        kernel_(kernel),
        range_(ops::float_range(conv.attributes<ops::Conv2D>().fused_activation_function)),
        band_(pieces_of(rows_.y().out(), kLeastRows, rows_.y().out(), threads)),
        packed_(kernel, {conv.data<float>(kFilter), static_cast<size_t>(conv.shape(kFilter).elements())},
                static_cast<int>(rows_.channels()), depth_,
                conv.has_input(kBias) ? std::span(conv.data<float>(kBias), static_cast<size_t>(rows_.channels()))
                                      : std::span<const float>()) {
    scratch_bytes = rows_.y().reach() * row_floats() * static_cast<int64_t>(sizeof(float));
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const float*>(tensors[static_cast<size_t>(reads[0])].data);
    out_ = reinterpret_cast<float*>(tensors[static_cast<size_t>(writes[0])].data);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(batches_ * band_.count, context.threads, [&](int64_t piece, int thread) {
      band(piece / band_.count, piece % band_.count * band_.rows, context.scratch_of<float>(thread));
    });
    return {};
  }

 private:
  int64_t row_floats() const { return rows_.x().in * rows_.channels(); }

  // Output rows from `first` on.
  void band(int64_t batch, int64_t first, float* ring) const {
    const ops::WindowAxis& y = rows_.y();
    const int64_t last = std::min<int64_t>(first + band_.rows, y.out()), ring_rows = y.reach();
    const auto slot = [&](int64_t iy) { return ring + iy % ring_rows * row_floats(); };
    const float* picture = in_ + batch * y.in * rows_.x().in * depth_;
    int64_t next = 0;  // input rows before it are expanded, as far as they are needed
    for (int64_t oy = first; oy < last; ++oy) {
      const int64_t top = y.start(oy);
      const int64_t end = std::min<int64_t>(top + ring_rows, y.in);
      for (next = std::max({next, top, int64_t{0}}); next < end; ++next) {
        expand(picture + next * rows_.x().in * depth_, slot(next));
      }
      rows_.compute(oy, slot, out_ + (batch * y.out() + oy) * rows_.x().out() * rows_.channels());
    }
  }

  void expand(const float* in, float* out) const {
    for (const PanelF32& panel : packed_.panels()) {
      kernel_.run(panel, {&in, 1, static_cast<int>(depth_), depth_, rows_.x().in, out + panel.first_channel,
                          rows_.channels(), range_.least, range_.most});
    }
  }

  DepthwiseRowsF32 rows_;
  int64_t depth_, batches_;
  const GemmF32Kernel& kernel_;
  ops::Range<float> range_;
  Pieces band_;
  PackedF32 packed_;
  const float* in_ = nullptr;
  float* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_expand_depthwise_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::DEPTHWISE_CONV_2D) return nullptr;
  const auto conv = planner.absorbable(node, DepthwiseRowsF32::kInput, OpCode::CONV_2D);
  if (!conv || !is_pointwise_f32(planner, *conv)) return nullptr;
  auto rows = DepthwiseRowsF32::make(planner, node);
  if (!rows) return nullptr;
  constexpr auto kFloat = static_cast<int64_t>(sizeof(float));
  const ops::NodeView n = planner.view(*conv);
  const int64_t row_bytes = rows->x().in * rows->channels() * kFloat;
  if (n.output_shape(0).elements() * kFloat < kLeastBytes || rows->y().reach() > kMostBytes / row_bytes ||
      rows->y().reach() * row_bytes + n.shape(kFilter).elements() * kFloat > kMostBytes) {
    return nullptr;
  }
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  const std::string name = std::string(kernel.name) + "+" + rows->kernel_name();
  auto step = std::make_unique<ExpandDepthwiseF32Step>(std::move(*rows), n, kernel, planner.threads());
  step->nodes = {*conv, node};
  step->kernel_name = name;
  step->reads = {planner.node(*conv).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
