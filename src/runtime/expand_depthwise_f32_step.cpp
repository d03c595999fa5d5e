// A pointwise CONV_2D and the DEPTHWISE_CONV_2D behind it, in float32, without the tensor between them.
//   match   nobody else reads that tensor; it is large, and the rows of one window with the weights fit the L2 cache.
//           Small pictures: expand_depthwise_blocks_f32_step.cpp
//   kernel  gemm_f32 a row at a time into a ring of rows, depthwise_f32 on that

#include <algorithm>

#include "runtime/convolution_f32.h"
#include "runtime/depthwise_rows_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/matrix_f32.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;

constexpr int kInput = 0, kFilter = 1;
constexpr auto kFloat = static_cast<int64_t>(sizeof(float));
constexpr int64_t kLeastBytes = 1 << 20;   // of the tensor between
constexpr int64_t kMostBytes = 768 << 10;  // of ring and weights
constexpr int64_t kLeastRows = 8;          // of a piece: those around it are computed twice

class ExpandDepthwiseF32Step : public Step {
 public:
  ExpandDepthwiseF32Step(DepthwiseRowsF32 rows, const ops::NodeView& conv, const GemmF32Kernel& kernel, int threads)
      : rows_(std::move(rows)),
        batches_(conv.shape(kInput)[0]),
        band_(pieces_of(rows_.y().out(), kLeastRows, rows_.y().out(), threads)),
        expand_(kernel, conv) {
    scratch_bytes = rows_.ring_floats() * kFloat;
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const float>(tensors, reads[0]);
    out_ = elements_of<float>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(batches_ * band_.count, context.threads, [&](int64_t piece, int thread) {
      band(piece / band_.count, piece % band_.count * band_.rows, context.scratch_of<float>(thread));
    });
    return {};
  }

 private:
  // Output rows from `first` on.
  void band(int64_t batch, int64_t first, float* ring) const {
    const int64_t out_height = rows_.y().out(), last = std::min(first + band_.rows, out_height);
    const float* picture = in_ + batch * rows_.y().in * rows_.x().in * expand_.depth();
    const auto expand = [&](int64_t iy, float* to) {
      const float* row = picture + iy * rows_.x().in * expand_.depth();
      expand_.multiply(&row, 1, expand_.depth(), rows_.x().in, to);
    };
    int64_t next = 0;
    for (int64_t oy = first; oy < last; ++oy) {
      float* out = out_ + (batch * out_height + oy) * rows_.x().out() * rows_.channels();
      rows_.compute_in_ring(oy, ring, next, expand, out);
    }
  }

  DepthwiseRowsF32 rows_;
  int64_t batches_;
  Pieces band_;
  MatrixF32 expand_;
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
