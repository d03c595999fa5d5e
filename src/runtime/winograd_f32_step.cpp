// A 3x3 CONV_2D of stride 1 in float32, with 36 products for 16 neighbouring outputs in place of 144; and the ADD of a
// tensor of the same shape that ends it.
//   match   one group, no dilation, weights and bias known; the transforms cost little beside the products saved
//   kernel  winograd_f32 around 36 gemm_f32, for as many tiles at a time as stay with their products in the L2 cache

#include <algorithm>
#include <cstring>

#include "kernels/winograd_f32/filter.h"
#include "runtime/arena.h"
#include "runtime/convolution_f32.h"
#include "runtime/fast_steps.h"
#include "runtime/fused_activation.h"
#include "runtime/pieces.h"

namespace monolite::runtime {
namespace {

using kernels::GemmF32Kernel;
using kernels::kWinogradProducts;
using kernels::kWinogradTile;
using kernels::kWinogradWindow;
using kernels::PackedF32;
using kernels::WinogradF32Kernel;

constexpr int kInput = 0, kFilter = 1, kBias = 2;
constexpr int64_t kBlockBytes = 512 << 10;            // of transformed inputs and products of a block of tiles
constexpr int64_t kLeastBlock = 24, kMostBlock = 96;  // tiles
constexpr int64_t kLeastTiles = 16;                   // of a picture

struct Geometry {
  ops::WindowAxis y, x;
  int64_t batches, in_channels, out_channels;
  int64_t tiles_y() const { return (int64_t{y.out()} + kWinogradTile - 1) / kWinogradTile; }
  int64_t tiles_x() const { return (int64_t{x.out()} + kWinogradTile - 1) / kWinogradTile; }
  int64_t tiles() const { return tiles_y() * tiles_x(); }
};

// Counted in a matrix kernel's multiplications of vectors, each for an input channel and a vector of output channels:
// the direct way takes 9 for an output, this one 36 for a tile, and its transforms the time of kTransform for each
// vector of channels. A gain of a fifth is wanted, for the weights take four times as much memory. With more channels
// than kMostChannels nobody has measured whether the sums stay as near the exact ones as is promised; with more than
// kMostOutChannels a block's products would take tens of megabytes.
bool pays(const Geometry& g, int width) {
  constexpr int64_t kTransform = 250, kMostChannels = 512, kMostOutChannels = 4096;
  const auto vectors = [&](int64_t channels) { return (channels + width - 1) / width; };
  const int64_t products = g.in_channels * vectors(g.out_channels);
  const int64_t transforms = kTransform * (vectors(g.in_channels) + vectors(g.out_channels));
  const int64_t direct = int64_t{g.y.out()} * g.x.out() * 9 * products;
  return g.in_channels <= kMostChannels && g.out_channels <= kMostOutChannels && g.tiles() >= kLeastTiles &&
         g.tiles() * (kWinogradProducts * products + transforms) < direct / 5 * 4;
}

class WinogradF32Step : public Step {
 public:
  WinogradF32Step(const Geometry& g, const ops::NodeView& conv, ops::Range<float> range, const GemmF32Kernel& gemm,
                  const WinogradF32Kernel& kernel, int threads)
      : g_(g),
        gemm_(gemm),
        kernel_(kernel),
        range_(range),
        filled_((g.out_channels + gemm.width - 1) / gemm.width * gemm.width),
        block_(std::clamp(kBlockBytes / (kWinogradProducts * kFloat * (g.in_channels + filled_)), kLeastBlock,
                          kMostBlock)),
        most_(block_ + block_ / 2),
        pieces_(pieces_of(g.tiles(), block_, kPieceBlocks * block_, threads)),
        products_(kernels::transform_filter(
            gemm, {conv.data<float>(kFilter), static_cast<size_t>(conv.shape(kFilter).elements())}, g.out_channels,
            g.in_channels)),
        bias_(static_cast<size_t>(filled_)),
        zeros_(static_cast<size_t>((kWinogradTile * std::min(most_, g.tiles_x()) + 2) * g.in_channels)) {
    if (conv.has_input(kBias)) std::copy_n(conv.data<float>(kBias), g.out_channels, bias_.begin());
    kernel_name = std::string(kernel.name) + "+" + gemm.name;
    scratch_bytes = (parts().end + kReadableBehind) * kFloat;
  }

  void bind(std::span<const ops::TensorState> tensors) override {
    in_ = elements_of<const float>(tensors, reads[0]);
    residual_ = reads.size() > 1 ? elements_of<const float>(tensors, reads[1]) : nullptr;
    out_ = elements_of<float>(tensors, writes[0]);
  }

  Expected<void> run(const RunContext& context) override {
    context.pool.run(g_.batches * pieces_.count, context.threads, [&](int64_t piece, int thread) {
      const int64_t batch = piece / pieces_.count;
      int64_t first = piece % pieces_.count * pieces_.rows;
      const int64_t last = std::min(first + pieces_.rows, g_.tiles());
      while (first < last) {
        const int64_t tiles = last - first <= most_ ? last - first : block_;
        block(batch, first, tiles, context.scratch_of<float>(thread));
        first += tiles;
      }
    });
    return {};
  }

 private:
  static constexpr int64_t kFloat = sizeof(float), kPieceBlocks = 32;

  // Where what lies in a thread's scratch, in floats.
  struct Parts {
    int64_t in_stride, out_stride;  // from one product to the next; no power of two
    int64_t products, window, tile, residual, row, end;
  };
  Parts parts() const {
    const auto whole_lines = [](int64_t floats) { return (floats + 15) / 16 * 16; };
    Parts p{};
    p.in_stride = whole_lines(most_ * g_.in_channels) + 16;
    p.out_stride = whole_lines(most_ * filled_) + 16;
    p.products = kWinogradProducts * p.in_stride;
    p.window = p.products + kWinogradProducts * p.out_stride;
    p.tile = p.window + whole_lines(kWinogradProducts * g_.in_channels);
    p.residual = p.tile + whole_lines(kWinogradTile * kWinogradTile * g_.out_channels);
    p.row = p.residual + whole_lines(kWinogradTile * kWinogradTile * g_.out_channels);
    p.end = p.row + whole_lines(kWinogradTile * most_ * g_.out_channels);
    return p;
  }

  void block(int64_t batch, int64_t first, int64_t tiles, float* scratch) const {
    const Parts p = parts();
    for_rows(first, tiles, [&](int64_t ty, int64_t tx, int64_t count, int64_t at) {
      fetch_windows(batch, ty, tx, count);
      read_row(batch, ty, tx, count, scratch + at * g_.in_channels, scratch + p.window);
    });
    constexpr float kEnd = std::numeric_limits<float>::infinity();
    for (int i = 0; i < kWinogradProducts; ++i) {
      const float* in = scratch + i * p.in_stride;
      float* out = scratch + p.products + i * p.out_stride;
      for (const kernels::PanelF32& panel : products_[static_cast<size_t>(i)].panels()) {
        gemm_.run(panel, {&in, 1, static_cast<int>(g_.in_channels), g_.in_channels, tiles, out + panel.first_channel,
                          filled_, -kEnd, kEnd});
      }
    }
    for_rows(first, tiles, [&](int64_t ty, int64_t tx, int64_t count, int64_t at) {
      fetch_outputs(batch, ty, tx, count);
      write_row(batch, ty, tx, count, scratch + p.products + at * filled_, scratch);
    });
  }

  // Calls body(ty, tx, count, at) for the rows of tiles that `tiles` from `first` on lie in; `at`: tiles before them.
  template <class Body>
  void for_rows(int64_t first, int64_t tiles, const Body& body) const {
    for (int64_t at = 0; at < tiles;) {
      const int64_t ty = (first + at) / g_.tiles_x(), tx = (first + at) % g_.tiles_x();
      const int64_t count = std::min(g_.tiles_x() - tx, tiles - at);
      body(ty, tx, count, at);
      at += count;
    }
  }

  // Reads a number of each line of cache, in order: the transforms' many streams are more than the processor foresees,
  // and where they wait for memory one by one they take three times as long.
  static void fetch(const float* p, int64_t floats) {
    float sum = 0;
    for (int64_t at = 0; at < floats; at += kAlignment / kFloat) sum += p[at];
    [[maybe_unused]] volatile float kept = sum;
  }

  void fetch_windows(int64_t batch, int64_t ty, int64_t tx, int64_t count) const {
    const int64_t columns = std::min(kWinogradTile * count, g_.x.in - kWinogradTile * tx);
    for (int64_t y = 0; y < kWinogradWindow; ++y) {
      const int64_t iy = std::clamp<int64_t>(kWinogradTile * ty - g_.y.pad_before() + y, 0, g_.y.in - 1);
      const int64_t at = (batch * g_.y.in + iy) * g_.x.in + kWinogradTile * tx;
      fetch(in_ + at * g_.in_channels, columns * g_.in_channels);
    }
  }

  // Lines that are written have to be fetched, too.
  void fetch_outputs(int64_t batch, int64_t ty, int64_t tx, int64_t count) const {
    const int64_t columns = std::min(kWinogradTile * count, g_.x.out() - kWinogradTile * tx);
    for (int64_t oy = kWinogradTile * ty; oy < std::min<int64_t>(kWinogradTile * ty + kWinogradTile, g_.y.out());
         ++oy) {
      const int64_t at = ((batch * g_.y.out() + oy) * g_.x.out() + kWinogradTile * tx) * g_.out_channels;
      fetch(out_ + at, columns * g_.out_channels);
      if (residual_ != nullptr) fetch(residual_ + at, columns * g_.out_channels);
    }
  }

  void read_row(int64_t batch, int64_t ty, int64_t tx, int64_t count, float* to, float* window) const {
    const int64_t pad = g_.x.pad_before(), end = tx + count;
    const int64_t inner_end = (g_.x.in + pad - 2) / kWinogradTile;  // tiles before it see no column behind the picture
    while (tx < end) {
      const int64_t left = kWinogradTile * tx - pad;
      const bool is_inner = left >= 0 && tx < inner_end;
      const int64_t tiles = is_inner ? std::min(end, inner_end) - tx : 1;
      kernels::WinogradInputArgs a{{}, tiles, g_.in_channels, to, parts().in_stride};
      for (int64_t r = 0; r < kWinogradWindow; ++r) {
        const int64_t iy = kWinogradTile * ty - g_.y.pad_before() + r;
        const bool is_inside = iy >= 0 && iy < g_.y.in;
        const float* row = is_inside ? in_ + (batch * g_.y.in + iy) * g_.x.in * g_.in_channels : nullptr;
        if (is_inner) {
          a.rows[r] = is_inside ? row + left * g_.in_channels : zeros_.data();
        } else {
          float* copy = window + r * kWinogradWindow * g_.in_channels;
          copy_columns(row, left, copy);
          a.rows[r] = copy;
        }
      }
      kernel_.transform_input(a);
      tx += tiles;
      to += tiles * g_.in_channels;
    }
  }

  // A window's columns of a row from `left` on, zeros where there are none.
  void copy_columns(const float* row, int64_t left, float* to) const {
    for (int64_t x = left; x < left + kWinogradWindow; ++x, to += g_.in_channels) {
      const bool is_inside = row != nullptr && x >= 0 && x < g_.x.in;
      const float* from = is_inside ? row + x * g_.in_channels : zeros_.data();
      std::memcpy(to, from, static_cast<size_t>(g_.in_channels * kFloat));
    }
  }

  void write_row(int64_t batch, int64_t ty, int64_t tx, int64_t count, const float* products, float* scratch) const {
    const Parts p = parts();
    const int64_t rows = std::min<int64_t>(kWinogradTile, g_.y.out() - kWinogradTile * ty);
    const int64_t whole = std::clamp<int64_t>(g_.x.out() / kWinogradTile - tx, 0, count);
    kernels::WinogradOutputArgs a{products,        p.out_stride, filled_, bias_.data(), whole,
                                  g_.out_channels, {},           {},      range_.least, range_.most};
    for (int64_t y = 0; y < kWinogradTile; ++y) {
      const int64_t oy = batch * g_.y.out() + kWinogradTile * ty + std::min(y, rows - 1);
      const int64_t at = (oy * g_.x.out() + kWinogradTile * tx) * g_.out_channels;
      a.rows[y] = y < rows ? out_ + at : scratch + p.row;
      if (residual_ != nullptr) a.residual[y] = residual_ + at;
    }
    kernel_.transform_output(a);
    if (whole < count) write_cut_tile(a, rows, scratch);
  }

  // The last tile of a row, which lacks columns, behind those that `a` tells of.
  void write_cut_tile(kernels::WinogradOutputArgs a, int64_t rows, float* scratch) const {
    const Parts p = parts();
    const int64_t at = kWinogradTile * a.tiles * g_.out_channels, tile_row = kWinogradTile * g_.out_channels;
    const auto bytes = static_cast<size_t>(g_.x.out() % kWinogradTile * g_.out_channels * kFloat);
    a.in += a.tiles * filled_;
    a.tiles = 1;
    float* to[kWinogradTile];
    for (int64_t y = 0; y < kWinogradTile; ++y) {
      to[y] = a.rows[y] + at;
      a.rows[y] = scratch + p.tile + y * tile_row;
      if (residual_ == nullptr) continue;
      float* copy = scratch + p.residual + y * tile_row;
      std::memset(copy, 0, static_cast<size_t>(tile_row * kFloat));
      std::memcpy(copy, a.residual[y] + at, bytes);
      a.residual[y] = copy;
    }
    kernel_.transform_output(a);
    for (int64_t y = 0; y < rows; ++y) std::memcpy(to[y], a.rows[y], bytes);
  }

  Geometry g_;
  const GemmF32Kernel& gemm_;
  const WinogradF32Kernel& kernel_;
  ops::Range<float> range_;
  int64_t filled_;        // output channels in whole vectors
  int64_t block_, most_;  // tiles of a block; of the last one of a piece
  Pieces pieces_;
  std::vector<PackedF32> products_;
  std::vector<float> bias_;   // [filled_]
  std::vector<float> zeros_;  // a row above or below the picture
  const float *in_ = nullptr, *residual_ = nullptr;
  float* out_ = nullptr;
};

// The step of a convolution, its nodes and tensors left open.
std::unique_ptr<Step> make(const Planner& planner, size_t node, ops::Activation activation) {
  if (!is_convolution_f32(planner, node)) return nullptr;
  const ops::NodeView n = planner.view(node);
  const Shape &in = n.shape(kInput), &filter = n.shape(kFilter);
  const auto [y, x] = ops::window_axes(in, filter, n.attributes<ops::Conv2D>());
  const auto fits = [](const ops::WindowAxis& axis) {
    return axis.filter == 3 && axis.stride == 1 && axis.dilation == 1;
  };
  if (!fits(y) || !fits(x)) return nullptr;
  const Geometry g{y, x, in[0], in[3], filter[0]};
  const GemmF32Kernel& gemm = kernels::select_gemm_f32(planner.isa());
  if (!pays(g, gemm.width)) return nullptr;
  return std::make_unique<WinogradF32Step>(g, n, ops::float_range(activation), gemm,
                                           kernels::select_winograd_f32(planner.isa()), planner.threads());
}

}  // namespace

std::unique_ptr<Step> make_winograd_f32_step(const Planner& planner, size_t node) {
  auto step = make(planner, node, fused_activation(planner.view(node)));
  if (step == nullptr) return nullptr;
  step->nodes = {node};
  step->reads = {planner.node(node).inputs[kInput]};
  step->writes = planner.node(node).outputs;
  return step;
}

std::unique_ptr<Step> make_winograd_add_f32_step(const Planner& planner, size_t node) {
  if (planner.node(node).op != OpCode::ADD) return nullptr;
  const ops::NodeView n = planner.view(node);
  if (n.dtype(0) != DType::float32 || n.shape(0) != n.shape(1)) return nullptr;
  for (const int k : {0, 1}) {
    const auto conv = planner.absorbable(node, k, OpCode::CONV_2D);
    if (!conv || fused_activation(planner.view(*conv)) != ops::Activation::none) continue;
    auto step = make(planner, *conv, fused_activation(n));
    if (step == nullptr) continue;
    step->nodes = {*conv, node};
    step->reads = {planner.node(*conv).inputs[kInput], planner.node(node).inputs[static_cast<size_t>(1 - k)]};
    step->writes = planner.node(node).outputs;
    return step;
  }
  return nullptr;
}

}  // namespace monolite::runtime
