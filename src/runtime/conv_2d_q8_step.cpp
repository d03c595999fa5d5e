// CONV_2D on 8-bit numbers.
//   match   uint8 or int8, one group, weights and bias known
//   kernel  gemm_q8: a window's rows are the segments of a matrix row
// A pointwise convolution runs on its input as it lies. Others see a band of input rows, copied with its padding into
// the thread's scratch; narrow pictures are copied window by window, so that tiles can span output rows.

#include <algorithm>
#include <cstring>

#include "kernels/gemm_q8/packed_q8.h"
#include "ops/conv_2d.h"
#include "runtime/arena.h"
#include "runtime/convolution_q8.h"
#include "runtime/fast_steps.h"

namespace monolite::runtime {
namespace {

using kernels::GemmQ8Args;
using kernels::GemmQ8Kernel;
using kernels::PackedQ8;
using kernels::PanelQ8;
using ops::WindowAxis;

constexpr int kInput = 0, kFilter = 1;
constexpr int64_t kBandBytes = 192 << 10;  // of input that a piece works on: with its output it stays in the L2 cache
constexpr int64_t kNarrow = 16;            // output columns below which windows are copied one by one
constexpr int kMostSegments = 64;

struct Geometry {
  WindowAxis y, x;
  int64_t batches, in_channels, out_channels;

  bool is_pointwise() const { return y.filter == 1 && x.filter == 1 && y.stride == 1 && x.stride == 1; }
  bool splits_rows() const { return x.dilation > 1 && x.filter > 1; }  // a window's row is not one run of bytes
  int segments() const { return splits_rows() ? y.filter * x.filter : y.filter; }
  int64_t segment_bytes() const { return splits_rows() ? in_channels : in_channels * x.filter; }
  bool is_narrow() const { return x.out() < kNarrow; }
};

class Conv2DQ8Step : public Step {
 public:
  Conv2DQ8Step(const Geometry& g, ConvolutionQ8 c, const GemmQ8Kernel& kernel, TensorId in, TensorId out, int threads)
      : g_(g),
        kernel_(kernel),
        flip_(c.flip),
        pad_value_(c.pad_value),
        output_(c.output),
        rectified_(c.rectified),
        in_id_(in),
        out_id_(out),
        packed_(kernel, c.weights, static_cast<int>(g.out_channels), copies_windows() ? 1 : g.segments(),
                static_cast<int>(copies_windows() ? g.segments() * g.segment_bytes() : g.segment_bytes()), c.bias,
                c.input_zero_point, c.multipliers, c.output.zero_point) {
    if (g_.is_pointwise()) {
      const int64_t rows = g_.batches * g_.y.in * g_.x.in;
      pieces_ =
          pieces_of(rows, 48, std::max<int64_t>(48, kBandBytes / std::max(g_.in_channels, g_.out_channels)), threads);
      return;
    }
    const int64_t row_bytes = copies_windows() ? g_.x.out() * window_bytes() : padded_columns() * g_.in_channels;
    const int64_t most = std::max<int64_t>(1, kBandBytes / std::max<int64_t>(1, row_bytes * g_.y.stride));
    band_ = pieces_of(g_.y.out(), 1, most, threads);
    pieces_ = {band_.count * g_.batches, 0};
    const int64_t band_rows = copies_windows() ? band_.rows : (band_.rows - 1) * g_.y.stride + g_.y.reach();
    scratch_bytes = band_rows * row_bytes + kReadableBehind;
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = reinterpret_cast<const uint8_t*>(tensors[static_cast<size_t>(in_id_)].data);
    out_ = reinterpret_cast<uint8_t*>(tensors[static_cast<size_t>(out_id_)].data);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int thread) {
      if (g_.is_pointwise()) return pointwise(piece);
      const int64_t batch = piece / band_.count, first = piece % band_.count * band_.rows;
      const int64_t last = std::min<int64_t>(first + band_.rows, g_.y.out());
      copies_windows() ? windows(batch, first, last, context.scratch_of<uint8_t>(thread))
                       : band(batch, first, last, context.scratch_of<uint8_t>(thread));
    });
    return {};
  }

 private:
  bool copies_windows() const { return !g_.is_pointwise() && g_.is_narrow(); }
  int64_t window_bytes() const { return g_.segments() * g_.segment_bytes(); }
  int64_t padded_columns() const { return (int64_t{g_.x.out()} - 1) * g_.x.stride + g_.x.reach(); }

  void multiply(const uint8_t* const* segments, int segment_count, int64_t row_stride, int64_t rows,
                uint8_t* out) const {
    GemmQ8Args args{};
    args.segments = segments;
    args.segment_count = segment_count;
    args.groups = packed_.groups();
    args.row_stride = row_stride;
    args.rows = rows;
    args.flip = flip_;
    args.out_stride = g_.out_channels;
    args.output = output_;
    args.rectified = rectified_;
    for (const PanelQ8& panel : packed_.panels()) {
      args.out = out + panel.first_channel;
      kernel_.run(panel, args);
    }
  }

  void pointwise(int64_t piece) const {
    const int64_t first = piece * pieces_.rows;
    const int64_t rows = std::min(pieces_.rows, g_.batches * g_.y.in * g_.x.in - first);
    const uint8_t* a = in_ + first * g_.in_channels;
    multiply(&a, 1, g_.in_channels, rows, out_ + first * g_.out_channels);
  }

  // Copies input columns [first, first + count) of a row, the pad value where there are none.
  void copy_columns(int64_t batch, int64_t iy, int64_t first, int64_t count, uint8_t* to) const {
    const int64_t c = g_.in_channels;
    if (iy < 0 || iy >= g_.y.in) {
      std::memset(to, pad_value_, static_cast<size_t>(count * c));
      return;
    }
    const int64_t before = std::clamp<int64_t>(-first, 0, count);
    const int64_t inside = std::clamp<int64_t>(g_.x.in - (first + before), 0, count - before);
    const uint8_t* row = in_ + (batch * g_.y.in + iy) * g_.x.in * c;
    std::memset(to, pad_value_, static_cast<size_t>(before * c));
    if (inside > 0) std::memcpy(to + before * c, row + (first + before) * c, static_cast<size_t>(inside * c));
    std::memset(to + (before + inside) * c, pad_value_, static_cast<size_t>((count - before - inside) * c));
  }

  uint8_t* out_row(int64_t batch, int64_t oy) const {
    return out_ + (batch * g_.y.out() + oy) * g_.x.out() * g_.out_channels;
  }

  // Output rows [first, last) from a padded copy of the input rows that they see.
  void band(int64_t batch, int64_t first, int64_t last, uint8_t* scratch) const {
    const int64_t row_bytes = padded_columns() * g_.in_channels;
    const int64_t top = first * g_.y.stride - g_.y.pad_before();
    const int64_t rows = (last - first - 1) * g_.y.stride + g_.y.reach();
    for (int64_t r = 0; r < rows; ++r) {
      copy_columns(batch, top + r, -g_.x.pad_before(), padded_columns(), scratch + r * row_bytes);
    }
    for (int64_t oy = first; oy < last; ++oy) {
      const uint8_t* segments[kMostSegments];
      int count = 0;
      for (int fy = 0; fy < g_.y.filter; ++fy) {
        const uint8_t* row = scratch + ((oy - first) * g_.y.stride + int64_t{fy} * g_.y.dilation) * row_bytes;
        const int taps = g_.splits_rows() ? g_.x.filter : 1;
        for (int fx = 0; fx < taps; ++fx) segments[count++] = row + int64_t{fx} * g_.x.dilation * g_.in_channels;
      }
      multiply(segments, count, g_.x.stride * g_.in_channels, g_.x.out(), out_row(batch, oy));
    }
  }

  // Output rows [first, last) from a copy of each window.
  void windows(int64_t batch, int64_t first, int64_t last, uint8_t* scratch) const {
    uint8_t* to = scratch;
    for (int64_t oy = first; oy < last; ++oy) {
      for (int64_t ox = 0; ox < g_.x.out(); ++ox) {
        const int64_t left = ox * g_.x.stride - g_.x.pad_before();
        for (int fy = 0; fy < g_.y.filter; ++fy) {
          const int64_t iy = oy * g_.y.stride - g_.y.pad_before() + int64_t{fy} * g_.y.dilation;
          const int taps = g_.splits_rows() ? g_.x.filter : 1;
          for (int fx = 0; fx < taps; ++fx, to += g_.segment_bytes()) {
            copy_columns(batch, iy, left + int64_t{fx} * g_.x.dilation, g_.splits_rows() ? 1 : g_.x.filter, to);
          }
        }
      }
    }
    const uint8_t* a = scratch;
    multiply(&a, 1, window_bytes(), (last - first) * g_.x.out(), out_row(batch, first));
  }

  Geometry g_;
  const GemmQ8Kernel& kernel_;
  uint8_t flip_, pad_value_;
  kernels::OutputQ8 output_;
  bool rectified_;
  TensorId in_id_, out_id_;
  const uint8_t* in_ = nullptr;
  uint8_t* out_ = nullptr;
  PackedQ8 packed_;
  Pieces pieces_{}, band_{};
};

}  // namespace

std::unique_ptr<Step> make_conv_2d_q8_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::CONV_2D) return nullptr;
  const ops::NodeView n = planner.view(node);
  const auto a = n.attributes<ops::Conv2D>();
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  if (filter[3] != in[3]) return nullptr;
  const Geometry g{{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
                   {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding},
                   in[0],
                   in[3],
                   filter[0]};
  // A band must not become large for absurd windows.
  constexpr int64_t kMostScratch = 64 << 20;
  const int64_t row_bytes = ((int64_t{g.x.out()} - 1) * g.x.stride + g.x.reach()) * g.in_channels;
  if (g.segments() > kMostSegments || row_bytes > kMostScratch ||
      g.y.reach() > kMostScratch / std::max<int64_t>(1, row_bytes) ||
      g.segments() * g.segment_bytes() * g.x.out() > kMostScratch) {
    return nullptr;
  }
  auto c = convolution_q8(planner, node, a.fused_activation_function, filter[0]);
  if (!c) return nullptr;
  const GemmQ8Kernel& kernel = kernels::select_gemm_q8(planner.isa());
  const TensorId in_id = planner.node(node).inputs[kInput], out_id = planner.node(node).outputs[0];
  auto step = std::make_unique<Conv2DQ8Step>(g, std::move(*c), kernel, in_id, out_id, planner.threads());
  step->nodes = {node};
  step->kernel_name = kernel.name;
  step->reads = {in_id};
  step->writes = {out_id};
  return step;
}

}  // namespace monolite::runtime
