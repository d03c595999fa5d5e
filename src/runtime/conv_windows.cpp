#include "runtime/conv_windows.h"

namespace monolite::runtime {
namespace {

constexpr int64_t kBandBytes = 256 << 10;  // of input that a piece works on: with its output it stays in the L2 cache
constexpr int64_t kNarrow = 16;            // output columns below which windows are copied one by one
constexpr int64_t kWide = 64;              // output columns from which on only borders are copied
constexpr int64_t kLeastRows = 48;         // of a piece of a pointwise convolution
constexpr int64_t kMostScratch = 64 << 20;

}  // namespace

std::optional<ConvWindows> ConvWindows::make(const Geometry& g, uint8_t pad_value, int threads) {
  ConvWindows w(g, pad_value);
  if (w.is_pointwise()) {
    const int64_t most = kBandBytes / std::max(w.in_bytes(), w.out_bytes());
    w.pieces_ = pieces_of(w.pixels(), kLeastRows, std::max(kLeastRows, most), threads);
    return w;
  }
  // Extents of tensors are bounded, those of windows are not.
  constexpr int64_t kMostReach = 1 << 20;
  if (g.y.filter > kMostSegments || g.x.filter > kMostReach || g.y.reach() > kMostReach || g.x.reach() > kMostReach ||
      g.x.stride > kMostReach || g.y.stride > kMostReach || w.segments() > kMostSegments) {
    return {};
  }
  const int64_t row_bytes = w.copies_windows() ? g.x.out() * w.window_bytes() : w.padded_columns() * w.in_bytes();
  if (row_bytes < 1 || row_bytes > kMostScratch) return {};
  w.band_ = pieces_of(g.y.out(), 1, std::max<int64_t>(1, kBandBytes / (row_bytes * g.y.stride)), threads);
  w.pieces_ = {w.band_.count * g.batches, 0};
  if (w.copies_borders()) {
    w.scratch_bytes_ = w.pad_row_bytes() + w.border() * w.window_bytes() + kReadableBehind;
    return w;
  }
  const int64_t rows = w.copies_windows() ? w.band_.rows : (w.band_.rows - 1) * g.y.stride + g.y.reach();
  if (rows > kMostScratch / row_bytes) return {};
  w.scratch_bytes_ = rows * row_bytes + kReadableBehind;
  return w;
}

bool ConvWindows::copies_borders() const {
  constexpr int64_t kMostBorder = 4;
  return g_.x.out() >= kWide && inner_last() > inner_first() && border() <= kMostBorder;
}

bool ConvWindows::copies_windows() const { return !is_pointwise() && g_.x.out() < kNarrow; }

void ConvWindows::copy_columns(const uint8_t* picture, int64_t iy, int64_t first, int64_t count, uint8_t* to) const {
  const auto fill = [&](int64_t at, int64_t columns) {
    std::memset(to + at * in_bytes(), pad_value_, static_cast<size_t>(columns * in_bytes()));
  };
  if (iy < 0 || iy >= g_.y.in) return fill(0, count);
  const int64_t before = std::clamp<int64_t>(-first, 0, count);
  const int64_t inside = std::clamp<int64_t>(g_.x.in - (first + before), 0, count - before);
  fill(0, before);
  if (inside > 0) {
    const uint8_t* from = picture + (iy * g_.x.in + first + before) * in_bytes();
    std::memcpy(to + before * in_bytes(), from, static_cast<size_t>(inside * in_bytes()));
  }
  fill(before + inside, count - before - inside);
}

void ConvWindows::copy_band(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch) const {
  const int64_t row_bytes = padded_columns() * in_bytes();
  const int64_t top = g_.y.start(first);
  const int64_t rows = (last - first - 1) * g_.y.stride + g_.y.reach();
  for (int64_t r = 0; r < rows; ++r) {
    copy_columns(picture, top + r, -g_.x.pad_before(), padded_columns(), scratch + r * row_bytes);
  }
}

uint8_t* ConvWindows::copy_row_windows(const uint8_t* picture, int64_t oy, int64_t first, int64_t last,
                                       uint8_t* to) const {
  for (int64_t ox = first; ox < last; ++ox) {
    const int64_t left = g_.x.start(ox);
    for (int fy = 0; fy < g_.y.filter; ++fy) {
      const int64_t iy = g_.y.start(oy) + int64_t{fy} * g_.y.dilation;
      for (int fx = 0; fx < taps(); ++fx, to += segment_bytes()) {
        copy_columns(picture, iy, left + int64_t{fx} * g_.x.dilation, splits_rows() ? 1 : g_.x.filter, to);
      }
    }
  }
  return to;
}

void ConvWindows::copy_windows(const uint8_t* picture, int64_t first, int64_t last, uint8_t* to) const {
  for (int64_t oy = first; oy < last; ++oy) to = copy_row_windows(picture, oy, 0, g_.x.out(), to);
}

}  // namespace monolite::runtime
