// A CONV_2D, the DEPTHWISE_CONV_2D behind it and the pointwise CONV_2D behind that, with the sums and products that end
// it, in float32, without the tensors between them.
//   match   nobody else reads these tensors, and they are large; the first convolution is pointwise or sees a picture
//   of
//           few channels; the rows of one window with the weights fit the L2 cache
//   kernel  gemm_f32 a row at a time into a ring of rows, depthwise_f32 on that, gemm_f32 on some rows of the result

#include <algorithm>

#include "kernels/gemm_f32/packed_f32.h"
#include "runtime/conv_windows.h"
#include "runtime/depthwise_rows_f32.h"
#include "runtime/ending_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/pieces.h"
#include "runtime/pointwise_f32.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Args;
using kernels::GemmF32Kernel;
using kernels::PackedF32;
using kernels::PanelF32;

constexpr int kInput = 0, kFilter = 1, kBias = 2;
constexpr auto kFloat = static_cast<int64_t>(sizeof(float));
constexpr int64_t kLeastBytes = 1 << 20;   // of each tensor between
constexpr int64_t kMostBytes = 768 << 10;  // of the rows kept and the weights
constexpr int64_t kLeastRows = 8;          // of a piece: those around it are computed twice
constexpr int64_t kGroupPixels = 96;       // of the last product at least: fewer leave a part of its tiles unused
constexpr int32_t kFewChannels = 4;

PackedF32 packed(const GemmF32Kernel& kernel, const ops::NodeView& n) {
  const Shape& filter = n.shape(kFilter);
  return PackedF32(
      kernel, {n.data<float>(kFilter), static_cast<size_t>(filter.elements())}, filter[0],
      filter.elements() / filter[0],
      n.has_input(kBias) ? std::span(n.data<float>(kBias), static_cast<size_t>(filter[0])) : std::span<const float>());
}

ops::Range<float> range_of(const ops::NodeView& conv) {
  return ops::float_range(conv.attributes<ops::Conv2D>().fused_activation_function);
}

// How many output rows of the depthwise convolution are multiplied at once.
int64_t group_rows(const DepthwiseRowsF32& rows) {
  const int64_t columns = rows.x().out();
  return std::min<int64_t>((kGroupPixels + columns - 1) / columns, rows.y().out());
}

class InvertedResidualF32Step : public Step {
 public:
  InvertedResidualF32Step(const ConvWindows& windows, DepthwiseRowsF32 rows, const ops::NodeView& expand,
                          const ops::NodeView& project, std::optional<EndingF32> ending, const GemmF32Kernel& kernel,
                          int threads)
      : windows_(windows),
        rows_(std::move(rows)),
        kernel_(kernel),
        ending_(std::move(ending)),
        batches_(expand.shape(kInput)[0]),
        in_floats_(expand.shape(kInput).elements() / batches_),
        out_channels_(project.output_shape(0)[3]),
        group_(group_rows(rows_)),
        band_(pieces_of(rows_.y().out(), kLeastRows, rows_.y().out(), threads)),
        expand_range_(range_of(expand)),
        project_range_(ending_ ? ending_->range() : range_of(project)),
        expand_(packed(kernel, expand)),
        project_(packed(kernel, project)) {
    windows_bytes_ = (windows_.scratch_bytes() + kAlignment - 1) / kAlignment * kAlignment;
    scratch_bytes =
        windows_bytes_ + (rows_.y().reach() * ring_floats() + group_ * result_floats()) * kFloat + kReadableBehind;
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const float*>(tensors[static_cast<size_t>(reads[0])].data);
    out_ = reinterpret_cast<float*>(tensors[static_cast<size_t>(writes[0])].data);
    if (ending_) ending_->bind(tensors);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(batches_ * band_.count, context.threads, [&](int64_t piece, int thread) {
      band(piece / band_.count, piece % band_.count * band_.rows, context.scratch_of<uint8_t>(thread));
    });
    return {};
  }

 private:
  int64_t ring_floats() const { return rows_.x().in * rows_.channels(); }
  int64_t result_floats() const { return rows_.x().out() * rows_.channels(); }

  // Output rows from `first` on.
  void band(int64_t batch, int64_t first, uint8_t* scratch) const {
    const ops::WindowAxis& y = rows_.y();
    const int64_t last = std::min<int64_t>(first + band_.rows, y.out()), ring_rows = y.reach();
    float* ring = reinterpret_cast<float*>(scratch + windows_bytes_);
    float* results = ring + ring_rows * ring_floats();
    const auto slot = [&](int64_t iy) { return ring + iy % ring_rows * ring_floats(); };
    int64_t next = 0, kept = 0;  // input rows before `next` are expanded, as far as they are needed
    for (int64_t oy = first; oy < last; ++oy) {
      const int64_t top = y.start(oy);
      const int64_t end = std::min<int64_t>(top + ring_rows, y.in);
      for (next = std::max({next, top, int64_t{0}}); next < end; ++next) expand(batch, next, scratch, slot(next));
      rows_.compute(oy, slot, results + kept * result_floats());
      if (++kept < group_ && oy + 1 < last) continue;
      project(results, kept * rows_.x().out(), (batch * y.out() + oy + 1 - kept) * rows_.x().out() * out_channels_);
      kept = 0;
    }
  }

  void expand(int64_t batch, int64_t row, uint8_t* scratch, float* to) const {
    const auto* picture = reinterpret_cast<const uint8_t*>(in_ + batch * in_floats_);
    windows_.rows(picture, row, row + 1, scratch, reinterpret_cast<uint8_t*>(to),
                  [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                    const float* starts[ConvWindows::kMostSegments];
                    for (int s = 0; s < count; ++s) starts[s] = reinterpret_cast<const float*>(segments[s]);
                    for (const PanelF32& panel : expand_.panels()) {
                      kernel_.run(panel,
                                  {starts, count, static_cast<int>(windows_.packed_elements()), row_stride / kFloat,
                                   rows, reinterpret_cast<float*>(out) + panel.first_channel, rows_.channels(),
                                   expand_range_.least, expand_range_.most});
                    }
                  });
  }

  // `at`: where the first result lies in the output.
  void project(const float* in, int64_t pixels, int64_t at) const {
    for (const PanelF32& panel : project_.panels()) {
      const int64_t panel_at = at + panel.first_channel;
      GemmF32Args args{&in,
                       1,
                       static_cast<int>(rows_.channels()),
                       rows_.channels(),
                       pixels,
                       out_ + panel_at,
                       out_channels_,
                       project_range_.least,
                       project_range_.most};
      if (ending_) ending_->set(args, panel_at, panel.first_channel);
      kernel_.run(panel, args);
    }
  }

  ConvWindows windows_;
  DepthwiseRowsF32 rows_;
  const GemmF32Kernel& kernel_;
  std::optional<EndingF32> ending_;
  int64_t batches_, in_floats_, out_channels_, group_, windows_bytes_ = 0;
  Pieces band_;
  ops::Range<float> expand_range_, project_range_;
  PackedF32 expand_, project_;
  const float* in_ = nullptr;
  float* out_ = nullptr;
};

// The windows of the first convolution, where it is one that a row at a time may be computed of.
std::optional<ConvWindows> first_windows(const Planner& planner, size_t conv) {
  const ops::NodeView n = planner.view(conv);
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  if (n.dtype(kInput) != DType::float32 || n.dtype(kFilter) != DType::float32 || !planner.are_known(conv, kFilter) ||
      filter[3] != in[3] || in.elements() == 0 || (!is_pointwise_f32(planner, conv) && in[3] > kFewChannels)) {
    return {};
  }
  const auto a = n.attributes<ops::Conv2D>();
  return ConvWindows::make({{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
                            {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding},
                            in[0],
                            in[3],
                            filter[0],
                            kFloat},
                           0, planner.threads());
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
  auto ending = EndingF32::find(planner, node, {OpCode::CONV_2D});
  const size_t project = ending ? ending->product() : node;
  if (planner.node(project).op != OpCode::CONV_2D || !is_pointwise_f32(planner, project)) return nullptr;
  const auto activation = planner.view(project).attributes<ops::Conv2D>().fused_activation_function;
  if (ending && activation != ops::Activation::none) return nullptr;
  const auto depthwise = planner.absorbable(project, kInput, OpCode::DEPTHWISE_CONV_2D);
  const auto conv = depthwise ? planner.absorbable(*depthwise, kInput, OpCode::CONV_2D) : std::nullopt;
  if (!conv) return nullptr;
  auto rows = DepthwiseRowsF32::make(planner, *depthwise);
  const GemmF32Kernel& kernel = kernels::select_gemm_f32(planner.isa());
  const auto windows = first_windows(planner, *conv);
  if (!rows || !windows || !pays(planner, *conv, *rows, project) || runs_in_blocks_f32(planner, *conv)) {
    return nullptr;
  }
  const std::string name = std::string(kernel.name) + "+" + rows->kernel_name();
  auto step = std::make_unique<InvertedResidualF32Step>(*windows, std::move(*rows), planner.view(*conv),
                                                        planner.view(project), ending, kernel, planner.threads());
  step->nodes = {*conv, *depthwise, project};
  step->reads = {planner.node(*conv).inputs[kInput]};
  if (ending) {
    for (const size_t n : ending->nodes()) {
      if (n != project) step->nodes.push_back(n);
    }
    std::sort(step->nodes.begin(), step->nodes.end());
    for (const TensorId id : ending->reads()) step->reads.push_back(id);
  }
  step->kernel_name = name;
  step->writes = planner.node(node).outputs;
  return step;
}

}  // namespace monolite::runtime
