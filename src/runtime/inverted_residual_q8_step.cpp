// A CONV_2D or none, a DEPTHWISE_CONV_2D, a pointwise CONV_2D, and perhaps an ADD, by bands of rows: the tensors
// between them are a few rows in the thread's scratch.
//   match   uint8 or int8, all as their own steps take them; nobody else reads what lies between
//   kernel  gemm_q8, depthwise_q8, gemm_q8, elementwise_q8
// Some rows are widened at a time into a ring, as many as the depthwise window reaches and those; each piece of the
// work computes the rows above its first window once more.

#include <algorithm>

#include "ops/conv_2d.h"
#include "ops/depthwise_conv_2d.h"
#include "runtime/conv_windows.h"
#include "runtime/depthwise_rows_q8.h"
#include "runtime/fast_steps.h"
#include "runtime/matrix_q8.h"
#include "runtime/pieces.h"
#include "runtime/residual_q8.h"

namespace monolite::runtime {
namespace {

using ops::WindowAxis;

constexpr int kInput = 0, kFilter = 1;
constexpr int64_t kPixels = 96;                   // that a matrix product is given at once, at least: whole tiles
constexpr int64_t kLeastTensorBytes = 512 << 10;  // of the widened tensor: what is smaller stays in the L2 cache anyway
constexpr int64_t kMostTogether = 256 << 10;      // of the depthwise layer's output rows that are computed together
constexpr int64_t kMostScratch = 4 << 20;

// What comes before the depthwise layer.
struct Widening {
  ConvolutionQ8 conv;
  ConvWindows windows;
};

struct Geometry {
  WindowAxis y, x;                                         // the depthwise layer's
  int64_t batches, in_bytes, wide_channels, out_channels;  // bytes of a picture

  int64_t ring_row() const { return x.in * wide_channels; }
  int64_t wide_row() const { return x.out() * wide_channels; }
  int64_t out_row() const { return x.out() * out_channels; }
};

int64_t rounded_up(int64_t value, int64_t to) { return (value + to - 1) / to * to; }

class InvertedResidualQ8Step : public Step {
 public:
  InvertedResidualQ8Step(const Planner& planner, const Geometry& g, const std::optional<Widening>& widening,
                         const ConvolutionQ8& depthwise, const ConvolutionQ8& project,
                         std::optional<ResidualQ8> residual)
      : g_(g),
        depthwise_(kernels::select_depthwise_q8(planner.isa()), depthwise, g.y, g.x),
        project_(kernels::select_gemm_q8(planner.isa()), project, 1, g.wide_channels),
        residual_(residual),
        expand_rows_((kPixels + g.x.in - 1) / g.x.in),
        project_rows_(project_rows()),
        ring_rows_(widening ? rounded_up(g.y.reach() + depthwise_.pair_distance() + expand_rows_ - 1, expand_rows_)
                            : 0),
        pieces_(cut(planner.threads())) {
    if (widening) {
      windows_ = widening->windows;
      expand_.emplace(kernels::select_gemm_q8(planner.isa()), widening->conv, windows_->packed_segments(),
                      windows_->packed_elements());
      windows_bytes_ = rounded_up(windows_->scratch_bytes(), kAlignment);
    }
    scratch_bytes = windows_bytes_ + project_scratch_at() +
                    rounded_up(project_rows_ * g_.wide_row() + kReadableBehind, kAlignment) +
                    depthwise_.scratch_bytes();
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const uint8_t>(tensors, reads[0]);
    other_ = residual_ ? elements_of<const uint8_t>(tensors, reads[1]) : nullptr;
    out_ = elements_of<uint8_t>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count * g_.batches, context.threads, [&](int64_t piece, int thread) {
      const int64_t first = piece % pieces_.count * pieces_.rows;
      rows(piece / pieces_.count, first, std::min<int64_t>(first + pieces_.rows, g_.y.out()),
           context.scratch_of<uint8_t>(thread));
    });
    return {};
  }

 private:
  // Pieces long enough that what they widen twice is little, if there are enough for all threads.
  Pieces cut(int threads) const {
    const int64_t out = g_.y.out();
    if (threads == 1) return {1, out};
    const int64_t twice = std::max<int64_t>(1, (g_.y.reach() - g_.y.stride) / g_.y.stride);
    const int64_t count = std::clamp<int64_t>(out / (8 * twice), threads, 4 * threads);
    const int64_t rows = (out + count - 1) / count;
    return {(out + rows - 1) / rows, rows};
  }

  // Pixels enough for a matrix product, and as many rows as the depthwise layer computes together, unless those are too
  // many for the L2 cache.
  int64_t project_rows() const {
    const int64_t rows = (kPixels + g_.x.out() - 1) / g_.x.out();
    const int64_t together = std::max<int64_t>(1, 2 * depthwise_.pair_distance());
    return together * g_.wide_row() <= kMostTogether ? rounded_up(rows, together) : rows;
  }

  // Behind the ring.
  int64_t project_scratch_at() const { return rounded_up(ring_rows_ * g_.ring_row() + kReadableBehind, kAlignment); }

  void rows(int64_t batch, int64_t first, int64_t last, uint8_t* windows_scratch) const {
    uint8_t* ring = windows_scratch + windows_bytes_;
    uint8_t* wide = ring + project_scratch_at();
    uint8_t* scratch = wide + rounded_up(project_rows_ * g_.wide_row() + kReadableBehind, kAlignment);
    const uint8_t* picture = in_ + batch * g_.in_bytes;
    const int64_t top = std::max<int64_t>(0, g_.y.start(first));
    int64_t widened = top / expand_rows_ * expand_rows_;  // rows below this one are in the ring
    for (int64_t oy = first; oy < last; oy += project_rows_) {
      const int64_t count = std::min(project_rows_, last - oy);
      if (expand_) {
        depthwise_.compute(
            oy, oy + count, [&](int64_t iy) { return ring + iy % ring_rows_ * g_.ring_row(); },
            [&](int64_t needed) {
              for (; widened < needed; widened += expand_rows_) widen(picture, widened, ring, windows_scratch);
            },
            scratch, wide, g_.wide_row());
      } else {
        depthwise_.compute(
            oy, oy + count, [&](int64_t iy) { return picture + iy * g_.ring_row(); }, [](int64_t) {}, scratch, wide,
            g_.wide_row());
      }
      narrow(wide, (batch * g_.y.out() + oy) * g_.out_row(), count);
    }
  }

  void widen(const uint8_t* picture, int64_t row, uint8_t* ring, uint8_t* scratch) const {
    const int64_t last = std::min<int64_t>(row + expand_rows_, g_.y.in);
    windows_->rows(picture, row, last, scratch, ring + row % ring_rows_ * g_.ring_row(),
                   [this](const uint8_t* const* segments, int count, int64_t row_stride, int64_t rows, uint8_t* out) {
                     expand_->multiply(segments, count, row_stride, rows, out);
                   });
  }

  void narrow(const uint8_t* wide, int64_t at, int64_t count) const {
    project_.multiply(&wide, 1, g_.wide_channels, count * g_.x.out(), out_ + at);
    if (residual_) residual_->add(other_ + at, count * g_.out_row(), out_ + at);
  }

  Geometry g_;
  std::optional<ConvWindows> windows_;
  std::optional<MatrixQ8> expand_;
  DepthwiseRowsQ8 depthwise_;
  MatrixQ8 project_;
  std::optional<ResidualQ8> residual_;
  int64_t expand_rows_, project_rows_, ring_rows_;
  int64_t windows_bytes_ = 0;
  Pieces pieces_;
  const uint8_t *in_ = nullptr, *other_ = nullptr;
  uint8_t* out_ = nullptr;
};

bool is_pointwise(const ops::NodeView& n, const ops::Conv2D& a) {
  const Shape& filter = n.shape(kFilter);
  return filter[1] == 1 && filter[2] == 1 && a.stride_h == 1 && a.stride_w == 1 && filter[3] == n.shape(kInput)[3];
}

// The convolution that makes input 0 of a depthwise layer, where nobody else reads it.
std::optional<Widening> widening(const Planner& planner, size_t node, const ops::NodeView& n) {
  if (n.shape(kFilter)[3] != n.shape(kInput)[3]) return {};
  const auto c = convolution_q8(planner, node, n.attributes<ops::Conv2D>().fused_activation_function, 0);
  if (!c) return {};
  const auto windows = ConvWindows::make(ConvWindows::Geometry::of(n), c->pad_value, planner.threads());
  if (!windows) return {};
  return Widening{*c, *windows};
}

// The step for the block that ends in the CONV_2D `last`.
std::unique_ptr<Step> make(const Planner& planner, size_t last, std::optional<ResidualQ8> residual) {
  if (planner.node(last).op != OpCode::CONV_2D) return nullptr;
  const auto middle = planner.absorbable(last, kInput, OpCode::DEPTHWISE_CONV_2D);
  if (!middle) return nullptr;
  const ops::NodeView d = planner.view(*middle), p = planner.view(last);
  const auto pa = p.attributes<ops::Conv2D>();
  const auto da = d.attributes<ops::DepthwiseConv2D>();
  const Shape &wide = d.shape(kInput), &filter = d.shape(kFilter);
  if (!is_pointwise(p, pa) || filter[3] != wide[3]) return nullptr;
  const auto [y, x] = ops::window_axes(wide, filter, da);
  Geometry g{y, x, wide[0], wide.elements(1, 4), wide[3], p.shape(kFilter)[0]};
  if (wide.elements(1, 4) < kLeastTensorBytes || !DepthwiseRowsQ8::fits(g.y, g.x)) return nullptr;
  const auto depthwise = convolution_q8(planner, *middle, da.fused_activation_function, 3);
  const auto project = convolution_q8(planner, last, pa.fused_activation_function, 0);
  if (!depthwise || !project) return nullptr;
  // With what comes before the depthwise layer, or, where that does not fit, without.
  const auto finish = [&](std::optional<size_t> first) -> std::unique_ptr<Step> {
    const auto widens = first ? widening(planner, *first, planner.view(*first)) : std::nullopt;
    if (first && !widens) return nullptr;
    if (first) g.in_bytes = planner.view(*first).shape(kInput).elements(1, 4);
    auto step = std::make_unique<InvertedResidualQ8Step>(planner, g, widens, *depthwise, *project, residual);
    if (step->scratch_bytes > kMostScratch) return nullptr;
    if (first) step->nodes.push_back(*first);
    step->nodes.insert(step->nodes.end(), {*middle, last});
    step->kernel_name = std::string("bands of ") + kernels::select_gemm_q8(planner.isa()).name;
    step->reads = {planner.node(first.value_or(*middle)).inputs[kInput]};
    step->writes = planner.node(last).outputs;
    return step;
  };
  if (const auto first = planner.absorbable(*middle, kInput, OpCode::CONV_2D)) {
    if (auto step = finish(first)) return step;
    g.in_bytes = wide.elements(1, 4);
  }
  return finish(std::nullopt);
}

}  // namespace

std::unique_ptr<Step> make_inverted_residual_q8_step(const Planner& planner, size_t node) {
  return make(planner, node, std::nullopt);
}

std::unique_ptr<Step> make_inverted_residual_add_q8_step(const Planner& planner, size_t node) {
  return make_with_residual_q8(planner, node, make);
}

}  // namespace monolite::runtime
