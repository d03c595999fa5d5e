// BATCH_MATMUL in float32, with the sums and products that end it.
//   match   float32 on both sides, the left one by rows
//   kernel  gemm_f32; the right side is packed for it in each run, a panel a piece

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/gemm_f32/packed_f32.h"
#include "kernels/panels.h"
#include "runtime/batch_matrices.h"
#include "runtime/ending_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;
using kernels::PanelF32;

class BatchMatMulF32Step : public Step {
 public:
  BatchMatMulF32Step(BatchMatrices m, const GemmF32Kernel& kernel, std::optional<EndingF32> ending, int threads)
      : m_(std::move(m)), kernel_(kernel), ending_(std::move(ending)), rows_(pieces_of(m_.rows, 48, m_.rows, threads)) {
    const auto panels = kernels::even_panels<PanelF32>(m_.columns, kernel.width, kernel.most_vectors);
    panels_each_ = static_cast<int>(panels.size());
    lines_each_ = (int64_t{m_.depth} + 1) * kernel.most_vectors * kernel.width / kFloats + 1;
    lines_.resize(static_cast<size_t>(m_.rhs_count * panels_each_ * lines_each_));
    for (int64_t matrix = 0; matrix < m_.rhs_count; ++matrix) {
      for (PanelF32 panel : panels) {
        panel.bias = floats(static_cast<int64_t>(panels_.size()));  // zeros
        panel.weights = panel.bias + panel.vectors * kernel.width;
        panels_.push_back(panel);
      }
    }
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    lhs_ = elements_of<const float>(tensors, reads[0]);
    rhs_ = elements_of<const float>(tensors, reads[1]);
    out_ = elements_of<float>(tensors, writes[0]);
    if (ending_) ending_->bind(tensors);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(static_cast<int64_t>(panels_.size()), context.threads, [&](int64_t piece, int) { pack(piece); });
    const auto matrices = static_cast<int64_t>(m_.lhs.size());
    context.pool.run(matrices * rows_.count, context.threads,
                     [&](int64_t piece, int) { multiply(piece / rows_.count, piece % rows_.count * rows_.rows); });
    return {};
  }

 private:
  static constexpr int kFloats = 16;
  struct alignas(64) Line {
    float values[kFloats] = {};
  };

  // A panel's memory: its bias (zeros), then its weights.
  float* floats(int64_t panel) { return reinterpret_cast<float*>(lines_.data() + panel * lines_each_); }

  void pack(int64_t index) {
    const PanelF32& panel = panels_[static_cast<size_t>(index)];
    const int64_t width = int64_t{panel.vectors} * kernel_.width;
    const float* rhs = rhs_ + index / panels_each_ * m_.depth * m_.columns + panel.first_channel * m_.column_step;
    float* to = floats(index) + width;
    if (m_.column_step == 1) {
      const auto bytes = static_cast<size_t>(panel.channels) * sizeof(float);
      for (int64_t k = 0; k < m_.depth; ++k) std::memcpy(to + k * width, rhs + k * m_.row_step, bytes);
      return;
    }
    for (int64_t k = 0; k < m_.depth; ++k) {
      for (int64_t c = 0; c < panel.channels; ++c) to[k * width + c] = rhs[c * m_.column_step + k * m_.row_step];
    }
  }

  void multiply(int64_t matrix, int64_t first) const {
    const float* start = lhs_ + (m_.lhs[static_cast<size_t>(matrix)] * m_.rows + first) * m_.depth;
    const int64_t rows = std::min(rows_.rows, m_.rows - first);
    for (int p = 0; p < panels_each_; ++p) {
      const PanelF32& panel = panels_[static_cast<size_t>(m_.rhs[static_cast<size_t>(matrix)] * panels_each_ + p)];
      float* to = out_ + (matrix * m_.rows + first) * m_.columns + panel.first_channel;
      constexpr float kMost = std::numeric_limits<float>::infinity();
      kernels::GemmF32Args args{&start, 1, m_.depth, m_.depth, rows, to, m_.columns, -kMost, kMost};
      if (ending_) {
        args.least = ending_->range().least;
        args.most = ending_->range().most;
        ending_->set(args, panel.first_channel);
      }
      kernel_.run(panel, args);
    }
  }

  BatchMatrices m_;
  const GemmF32Kernel& kernel_;
  std::optional<EndingF32> ending_;
  Pieces rows_;
  int panels_each_ = 0;
  int64_t lines_each_ = 0;
  std::vector<PanelF32> panels_;
  std::vector<Line> lines_;
  const float *lhs_ = nullptr, *rhs_ = nullptr;
  float* out_ = nullptr;
};

std::unique_ptr<Step> make(const Planner& planner, size_t node, const std::optional<EndingF32>& ending) {
  const ops::NodeView n = planner.view(node);
  if (n.dtype(0) != DType::float32 || n.dtype(1) != DType::float32) return nullptr;
  auto matrices = batch_matrices(n);
  if (!matrices) return nullptr;
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  auto step = std::make_unique<BatchMatMulF32Step>(std::move(*matrices), kernel, ending, planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  if (ending) ending->extend(*step);
  return step;
}

}  // namespace

std::unique_ptr<Step> make_batch_matmul_ending_f32_step(const Planner& planner, size_t node) {
  const auto ending = EndingF32::find(planner, node, {OpCode::BATCH_MATMUL});
  if (!ending) return nullptr;
  return make(planner, ending->product(), ending);
}

std::unique_ptr<Step> make_batch_matmul_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::BATCH_MATMUL) return nullptr;
  return make(planner, node, {});
}

}  // namespace monolite::runtime
