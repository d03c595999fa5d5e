// A CONV_2D, the DEPTHWISE_CONV_2D behind it and the pointwise CONV_2D behind that, with the sums and products that end
// it, in float32, without the tensors between them.
//   match   nobody else reads these tensors, and they are large; the first convolution is pointwise or sees few
//           channels; the rows of one window with the weights fit the L2 cache
//   kernel  gemm_f32 a row at a time into a ring of rows, depthwise_f32 on that, gemm_f32 on some rows of the result

#include <algorithm>

#include "runtime/conv_windows.h"
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
constexpr int64_t kLeastBytes = 1 << 20;   // of each tensor between
constexpr int64_t kMostBytes = 768 << 10;  // of the rows kept and the weights
constexpr int64_t kLeastRows = 8;          // of a piece: those around it are computed twice
constexpr int64_t kGroupPixels = 96;       // of the last product at least: fewer leave a part of its tiles unused
constexpr int32_t kFewChannels = 4;

// How many output rows of the depthwise convolution are multiplied at once.
int64_t group_rows(const DepthwiseRowsF32& rows) {
  const int64_t columns = rows.x().out();
  return std::min<int64_t>((kGroupPixels + columns - 1) / columns, rows.y().out());
}

class InvertedResidualF32Step : public Step {
 public:
  InvertedResidualF32Step(const ConvWindows& windows, DepthwiseRowsF32 rows, MatrixF32 expand, MatrixF32 project,
                          int64_t batches, int threads)
      : windows_(windows),
        rows_(std::move(rows)),
        batches_(batches),
        group_(group_rows(rows_)),
        windows_bytes_((windows_.scratch_bytes() + kAlignment - 1) / kAlignment * kAlignment),
        band_(pieces_of(rows_.y().out(), kLeastRows, rows_.y().out(), threads)),
        expand_(std::move(expand)),
        project_(std::move(project)) {
    scratch_bytes = windows_bytes_ + (rows_.ring_floats() + group_ * result_floats()) * kFloat + kReadableBehind;
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    out_ = elements_of<float>(tensors, writes[0]);
    project_.bind(tensors);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(batches_ * band_.count, context.threads, [&](int64_t piece, int thread) {
      band(piece / band_.count, piece % band_.count * band_.rows, context.scratch_of<uint8_t>(thread));
    });
    return {};
  }

 private:
  int64_t result_floats() const { return rows_.x().out() * rows_.channels(); }

  // Output rows from `first` on.
  void band(int64_t batch, int64_t first, uint8_t* scratch) const {
    const int64_t out_height = rows_.y().out(), columns = rows_.x().out();
    const int64_t last = std::min(first + band_.rows, out_height);
    float* ring = reinterpret_cast<float*>(scratch + windows_bytes_);
    const float* results = ring + rows_.ring_floats();
    const uint8_t* picture = in_ + batch * windows_.picture_bytes();
    const auto expand = [&](int64_t iy, float* to) {
      windows_.rows(picture, iy, iy + 1, scratch, reinterpret_cast<uint8_t*>(to),
                    [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                      expand_.multiply_bytes(segments, count, row_stride, rows, out);
                    });
    };
    int64_t next = 0;
    for (int64_t oy = first; oy < last; oy += group_) {
      const int64_t rows = std::min(group_, last - oy);
      for (int64_t r = 0; r < rows; ++r) {
        rows_.compute_in_ring(oy + r, ring, next, expand, ring + rows_.ring_floats() + r * result_floats());
      }
      project_.multiply(&results, 1, rows_.channels(), rows * columns,
                        out_ + (batch * out_height + oy) * columns * project_.channels());
    }
  }

  ConvWindows windows_;
  DepthwiseRowsF32 rows_;
  int64_t batches_, group_, windows_bytes_;
  Pieces band_;
  MatrixF32 expand_, project_;
  const uint8_t* in_ = nullptr;
  float* out_ = nullptr;
};

// May the block begin with this convolution? It is computed a row at a time, which takes whole windows of few channels.
bool may_be_first(const Planner& planner, size_t conv) {
  return is_convolution_f32(planner, conv) &&
         (planner.view(conv).shape(kInput)[3] <= kFewChannels || is_pointwise_f32(planner, conv));
}

// Are the tensors between large, and is what a piece keeps little?
bool pays(const Planner& planner, size_t conv, const DepthwiseRowsF32& rows, size_t project) {
  const int64_t row = rows.x().in * rows.channels() * kFloat, result = rows.x().out() * rows.channels() * kFloat;
  const int64_t weights =
      (planner.view(conv).shape(kFilter).elements() + planner.view(project).shape(kFilter).elements()) * kFloat;
  return row * rows.y().in >= kLeastBytes && result * rows.y().out() >= kLeastBytes &&
         rows.y().reach() <= kMostBytes / row &&
         rows.y().reach() * row + group_rows(rows) * result + weights <= kMostBytes;
}

}  // namespace

std::unique_ptr<Step> make_inverted_residual_f32_step(const Planner& planner, size_t node) {
  const auto ending = EndingF32::find(planner, node, {OpCode::CONV_2D});
  const size_t project = ending ? ending->product() : node;
  if (!is_pointwise_f32(planner, project)) return nullptr;
  const auto depthwise = planner.absorbable(project, kInput, OpCode::DEPTHWISE_CONV_2D);
  const auto conv = depthwise ? planner.absorbable(*depthwise, kInput, OpCode::CONV_2D) : std::nullopt;
  if (!conv || !may_be_first(planner, *conv) || runs_in_blocks_f32(planner, *conv)) return nullptr;
  auto rows = DepthwiseRowsF32::make(planner, *depthwise);
  const ops::NodeView first = planner.view(*conv);
  const auto windows = ConvWindows::make(ConvWindows::Geometry::of(first), 0, planner.threads());
  if (!rows || !windows || !pays(planner, *conv, *rows, project)) return nullptr;
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  const std::string name = std::string(kernel.name) + "+" + rows->kernel_name();
  auto step = std::make_unique<InvertedResidualF32Step>(*windows, std::move(*rows), MatrixF32(kernel, first),
                                                        MatrixF32(kernel, planner.view(project), ending),
                                                        first.shape(kInput)[0], planner.threads());
  step->nodes = {*conv, *depthwise, project};
  step->kernel_name = name;
  step->reads = {planner.node(*conv).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  if (ending) ending->extend(*step);
  return step;
}

}  // namespace monolite::runtime
