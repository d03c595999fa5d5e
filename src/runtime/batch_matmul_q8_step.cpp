// BATCH_MATMUL on int8.
//   match   int8 on both sides and as result, the left side by rows
//   kernel  gemm_q8; the right side is packed for it in each run, a panel a piece

#include <algorithm>

#include "kernels/gemm_q8/packed_q8.h"
#include "kernels/panels.h"
#include "runtime/batch_matrices.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using namespace kernels;  // NOLINT: a step is all about its kernel

constexpr int kLhs = 0, kRhs = 1;
constexpr int kMostSets = 3;  // of int8 that a difference in [-255, 255] takes

Multiplier multiplier_of(const ops::NodeView& n) {
  return quantize_multiplier(double{n.scale(kLhs) * n.scale(kRhs)} / double{n.output_scale(0)});
}

// The largest magnitude of a sum, of its parts too.
int64_t reach_of(const ops::NodeView& n, int depth) {
  return int64_t{255 + n.zero_point(kLhs) + 128} * depth * (128 + std::abs(n.zero_point(kRhs)));
}

class BatchMatMulQ8Step : public Step {
 public:
  BatchMatMulQ8Step(BatchMatrices m, const ops::NodeView& n, const GemmQ8Kernel& kernel, int threads)
      : m_(std::move(m)),
        kernel_(kernel),
        groups_((m_.depth + kGroup - 1) / kGroup),
        lhs_zero_point_(n.zero_point(kLhs) + 128),
        rhs_zero_point_(n.zero_point(kRhs)),
        rows_(pieces_of(m_.rows, 48, m_.rows, threads)) {
    output_ = {n.output_zero_point(0) + 128, 0, 255, 0x80};
    make_panels(multiplier_of(n), reach_of(n, m_.depth));
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    lhs_ = elements_of<const uint8_t>(tensors, reads[kLhs]);
    rhs_ = elements_of<const int8_t>(tensors, reads[kRhs]);
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(static_cast<int64_t>(panels_.size()), context.threads,
                     [&](int64_t piece, int) { pack(static_cast<size_t>(piece)); });
    const auto matrices = static_cast<int64_t>(m_.lhs.size());
    context.pool.run(matrices * rows_.count, context.threads,
                     [&](int64_t piece, int) { multiply(piece / rows_.count, piece % rows_.count * rows_.rows); });
    return {};
  }

 private:
  struct alignas(64) Line {
    int8_t bytes[64] = {};
  };

  // All panels of all matrices, with room for their weights in as many sets as they may take.
  void make_panels(Multiplier multiplier, int64_t reach) {
    const auto panels = even_panels<PanelQ8>(m_.columns, kVector, kMostVectors);
    panels_each_ = static_cast<int>(panels.size());
    EndingOfQ8 ending;
    ending.add(multiplier, reach);
    for (int64_t m = 0; m < m_.rhs_count; ++m) panels_.insert(panels_.end(), panels.begin(), panels.end());
    const auto each = static_cast<size_t>(groups_ * kMostSets * kMostVectors);
    lines_.resize(panels_.size() * each);
    requantize_.resize(panels_.size() * kMostVectors);
    extra_.resize(panels_.size() * static_cast<size_t>(groups_ * (kMostSets - 1)));
    for (auto& block : requantize_) {
      for (int lane = 0; lane < kVector; ++lane) {
        set_requantize_q8(block, lane, 0, multiplier, output_.zero_point);
      }
    }
    const EndingQ8 found = ending.finish(output_, requantize_);
    for (size_t p = 0; p < panels_.size(); ++p) {
      panels_[p].ending = found;
      panels_[p].weights = lines_[p * each].bytes;
      panels_[p].requantize = &requantize_[p * kMostVectors];
      panels_[p].extra = extra_.data() + p * static_cast<size_t>(groups_ * (kMostSets - 1));
    }
  }

  // One group of 4 rows of the right side, less `set` times what 8 bits hold; is something left over?
  bool pack_group(const PanelQ8& panel, const int8_t* rhs, int group, int set, Line* to, int32_t* sums) const {
    int left = 0;
    const int count = std::min(kGroup, m_.depth - group * kGroup);
    for (int v = 0; v < panel.vectors; ++v) {
      for (int lane = 0; lane < kVector; ++lane) {
        const int c = kernel_.channel(panel.vectors, v, lane);
        int8_t* bytes = to[v].bytes + lane * kGroup;
        if (c >= panel.channels) continue;  // zeros since they were made
        const int8_t* from = rhs + (panel.first_channel + c) * m_.column_step + group * kGroup * m_.row_step;
        for (int i = 0; i < count; ++i) {
          int w = from[i * m_.row_step] - rhs_zero_point_;
          if (set == 0) sums[v * kVector + lane] += w;
          for (int before = 0; before < set; ++before) w -= fitting_q8(w, kernel_.operands);
          const int8_t fit = fitting_q8(w, kernel_.operands);
          bytes[i] = fit;
          left |= w - fit;
        }
      }
    }
    return left != 0;
  }

  void pack(size_t index) {
    PanelQ8& panel = panels_[index];
    const int8_t* rhs = rhs_ + static_cast<int64_t>(index) / panels_each_ * m_.depth * m_.columns;
    Line* lines = &lines_[index * static_cast<size_t>(groups_ * kMostSets * kMostVectors)];
    ExtraGroup* extra = extra_.data() + index * static_cast<size_t>(groups_ * (kMostSets - 1));
    Line* next = lines + groups_ * panel.vectors;
    int32_t sums[kMostVectors * kVector] = {};
    panel.extra_count = 0;
    for (int g = 0; g < groups_; ++g) {
      bool left = pack_group(panel, rhs, g, 0, lines + g * panel.vectors, sums);
      for (int set = 1; left && set < kMostSets; ++set, next += panel.vectors) {
        left = pack_group(panel, rhs, g, set, next, sums);
        extra[panel.extra_count++] = {0, g * kGroup};
      }
    }
    RequantizeQ8* blocks = &requantize_[index * kMostVectors];
    for (int i = 0; i < panel.vectors * kVector; ++i)
      blocks[i / kVector].bias[i % kVector] = start_of_q8(-lhs_zero_point_ * sums[i], sums[i], kernel_.operands);
  }

  void multiply(int64_t matrix, int64_t first) const {
    const uint8_t* segment = lhs_ + (m_.lhs[static_cast<size_t>(matrix)] * m_.rows + first) * m_.depth;
    GemmQ8Args args{};
    args.segments = &segment;
    args.segment_count = 1;
    args.groups = groups_;
    args.row_stride = m_.depth;
    args.rows = std::min(rows_.rows, m_.rows - first);
    args.flip = 0x80;
    args.out_stride = m_.columns;
    args.output = output_;
    const int64_t panel = m_.rhs[static_cast<size_t>(matrix)] * panels_each_;
    for (int p = 0; p < panels_each_; ++p) {
      const PanelQ8& one = panels_[static_cast<size_t>(panel + p)];
      args.out = out_ + (matrix * m_.rows + first) * m_.columns + one.first_channel;
      kernel_.run(one, args);
    }
  }

  BatchMatrices m_;
  const GemmQ8Kernel& kernel_;
  int groups_, panels_each_ = 0;
  int32_t lhs_zero_point_, rhs_zero_point_;  // unsigned; signed
  Pieces rows_;
  OutputQ8 output_;
  std::vector<PanelQ8> panels_;
  std::vector<Line> lines_;
  std::vector<RequantizeQ8> requantize_;
  std::vector<ExtraGroup> extra_;
  const uint8_t* lhs_ = nullptr;
  const int8_t* rhs_ = nullptr;
  uint8_t* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> make_batch_matmul_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::BATCH_MATMUL) return nullptr;
  const ops::NodeView n = planner.view(node);
  if (n.dtype(kLhs) != DType::int8 || n.dtype(kRhs) != DType::int8 || n.output_dtype(0) != DType::int8) return nullptr;
  // A constant need not be readable behind its end.
  if (planner.is_known(planner.node(node).inputs[kLhs])) return nullptr;
  auto matrices = batch_matrices(n);
  constexpr int kMostDepth = 1 << 15;  // sums in an int32, whatever the values
  if (!matrices || matrices->depth > kMostDepth) return nullptr;
  // What is summed; that its parts pass 32 bits on the way changes nothing.
  if (!stays_in_32_bits_q8(multiplier_of(n), int64_t{255} * 255 * matrices->depth)) return nullptr;
  const GemmQ8Kernel& kernel = select_gemm_q8(planner.isa());
  auto step = std::make_unique<BatchMatMulQ8Step>(std::move(*matrices), n, kernel, planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = planner.node(node).inputs;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
