#pragma once
// How a convolution's windows are given to a matrix kernel, whatever the element type: all lengths are bytes.
//
// A pointwise convolution runs on its input as it lies. Others see a band of input rows, copied with its padding into
// the thread's scratch, a window's row being a segment; narrow pictures are copied window by window, so that tiles can
// span output rows.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "ops/conv_2d.h"
#include "runtime/arena.h"
#include "runtime/pieces.h"
#include "runtime/step.h"

namespace monolite::runtime {

class ConvWindows {
 public:
  struct Geometry {
    ops::WindowAxis y, x;
    int64_t batches, in_channels, out_channels, element_bytes;

    // Of a CONV_2D of one group.
    static Geometry of(const ops::NodeView& conv) {
      const Shape &in = conv.shape(0), &filter = conv.shape(1);
      const auto [y, x] = ops::window_axes(in, filter, conv.attributes<ops::Conv2D>());
      return {y, x, in[0], in[3], filter[0], size_bytes(conv.dtype(0))};
    }
  };
  static constexpr int kMostSegments = 64;

  // Nothing where windows are absurdly large.
  static std::optional<ConvWindows> make(const Geometry& g, uint8_t pad_value, int threads);

  // What weights are packed for: so many segments of so many elements in a row.
  int packed_segments() const { return copies_windows() ? 1 : segments(); }
  int64_t packed_elements() const { return (copies_windows() ? window_bytes() : segment_bytes()) / g_.element_bytes; }
  int64_t scratch_bytes() const { return scratch_bytes_; }
  int64_t picture_bytes() const { return g_.y.in * g_.x.in * in_bytes(); }  // of the input

  // Calls multiply(segments, segment_count, row_stride, rows, out) for all rows, from several threads.
  template <class Multiply>
  void run(const RunContext& context, const uint8_t* in, uint8_t* out, const Multiply& multiply) const {
    context.pool.run(pieces_.count, context.threads, [&](int64_t piece, int thread) {
      if (is_pointwise()) {
        const int64_t first = piece * pieces_.rows, rows = std::min(pieces_.rows, pixels() - first);
        const uint8_t* a = in + first * in_bytes();
        return multiply(&a, 1, in_bytes(), rows, out + first * out_bytes());
      }
      const int64_t batch = piece / band_.count, first = piece % band_.count * band_.rows;
      const int64_t last = std::min<int64_t>(first + band_.rows, g_.y.out());
      uint8_t* to = out + (batch * g_.y.out() + first) * g_.x.out() * out_bytes();
      const uint8_t* picture = in + batch * picture_bytes();
      some_rows(picture, first, last, context.scratch_of<uint8_t>(thread), to, multiply);
    });
  }

  // Calls multiply for output rows [first, last) of a picture, which lie one behind the other from `out` on.
  template <class Multiply>
  void rows(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch, uint8_t* out,
            const Multiply& multiply) const {
    if (is_pointwise()) {
      const uint8_t* a = picture + first * g_.x.in * in_bytes();
      return multiply(&a, 1, in_bytes(), (last - first) * g_.x.in, out);
    }
    for (; first < last; first += band_.rows, out += band_.rows * g_.x.out() * out_bytes()) {
      some_rows(picture, first, std::min(first + band_.rows, last), scratch, out, multiply);
    }
  }

 private:
  ConvWindows(const Geometry& g, uint8_t pad_value) : g_(g), pad_value_(pad_value) {}

  bool is_pointwise() const { return g_.y.filter == 1 && g_.x.filter == 1 && g_.y.stride == 1 && g_.x.stride == 1; }
  bool splits_rows() const { return g_.x.dilation > 1 && g_.x.filter > 1; }  // a window's row is not one run of bytes
  bool copies_windows() const;
  bool copies_borders() const;
  int taps() const { return splits_rows() ? g_.x.filter : 1; }
  int segments() const { return g_.y.filter * taps(); }
  int64_t in_bytes() const { return g_.in_channels * g_.element_bytes; }
  int64_t out_bytes() const { return g_.out_channels * g_.element_bytes; }
  int64_t pixels() const { return g_.batches * g_.y.in * g_.x.in; }
  int64_t segment_bytes() const { return splits_rows() ? in_bytes() : in_bytes() * g_.x.filter; }
  int64_t window_bytes() const { return segments() * segment_bytes(); }
  int64_t padded_columns() const { return (int64_t{g_.x.out()} - 1) * g_.x.stride + g_.x.reach(); }

  // Output columns [inner_first(), inner_last()) see only columns of the picture.
  int64_t inner_first() const { return (g_.x.pad_before() + g_.x.stride - 1) / g_.x.stride; }
  int64_t inner_last() const {
    const int64_t last = (g_.x.in - g_.x.reach() + g_.x.pad_before()) / g_.x.stride + 1;
    return std::clamp<int64_t>(last, inner_first(), g_.x.out());
  }
  int64_t border() const { return std::max(inner_first(), g_.x.out() - inner_last()); }
  int64_t pad_row_bytes() const { return (g_.x.in * in_bytes() + 2 * kReadableBehind - 1) / kAlignment * kAlignment; }

  // Copies input columns [first, first + count) of a row, the pad value where there are none.
  void copy_columns(const uint8_t* picture, int64_t iy, int64_t first, int64_t count, uint8_t* to) const;
  // Fills the scratch with the padded input rows that output rows [first, last) see; or with their windows.
  void copy_band(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch) const;
  void copy_windows(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch) const;
  // The windows of output columns [first, last) of a row.
  uint8_t* copy_row_windows(const uint8_t* picture, int64_t oy, int64_t first, int64_t last, uint8_t* to) const;

  // As rows(), for at most a band of them.
  template <class Multiply>
  void some_rows(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch, uint8_t* out,
                 const Multiply& multiply) const {
    if (copies_windows()) return windows(picture, first, last, scratch, out, multiply);
    if (copies_borders()) return in_place(picture, first, last, scratch, out, multiply);
    band(picture, first, last, scratch, out, multiply);
  }

  template <class Multiply>
  void band(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch, uint8_t* out,
            const Multiply& multiply) const {
    copy_band(picture, first, last, scratch);
    const int64_t row_bytes = padded_columns() * in_bytes();
    for (int64_t oy = first; oy < last; ++oy, out += g_.x.out() * out_bytes()) {
      const uint8_t* starts[kMostSegments];
      int count = 0;
      for (int fy = 0; fy < g_.y.filter; ++fy) {
        const uint8_t* row = scratch + ((oy - first) * g_.y.stride + int64_t{fy} * g_.y.dilation) * row_bytes;
        for (int fx = 0; fx < taps(); ++fx) starts[count++] = row + int64_t{fx} * g_.x.dilation * in_bytes();
      }
      multiply(starts, count, g_.x.stride * in_bytes(), int64_t{g_.x.out()}, out);
    }
  }

  template <class Multiply>
  void in_place(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch, uint8_t* out,
                const Multiply& multiply) const {
    const uint8_t* starts[kMostSegments];
    uint8_t* copies = scratch + pad_row_bytes();
    std::memset(scratch, pad_value_, static_cast<size_t>(pad_row_bytes()));
    for (int64_t oy = first; oy < last; ++oy, out += g_.x.out() * out_bytes()) {
      int count = 0;
      const int64_t left = inner_first() * g_.x.stride - g_.x.pad_before();
      for (int fy = 0; fy < g_.y.filter; ++fy) {
        const int64_t iy = g_.y.start(oy) + int64_t{fy} * g_.y.dilation;
        const uint8_t* row = iy >= 0 && iy < g_.y.in ? picture + iy * g_.x.in * in_bytes() : scratch;
        for (int fx = 0; fx < taps(); ++fx) starts[count++] = row + (left + int64_t{fx} * g_.x.dilation) * in_bytes();
      }
      multiply(starts, count, g_.x.stride * in_bytes(), inner_last() - inner_first(),
               out + inner_first() * out_bytes());
      for (int s = 0; s < count; ++s) starts[s] = copies + s * segment_bytes();
      copy_row_windows(picture, oy, 0, inner_first(), copies);
      multiply(starts, count, window_bytes(), inner_first(), out);
      copy_row_windows(picture, oy, inner_last(), g_.x.out(), copies);
      multiply(starts, count, window_bytes(), g_.x.out() - inner_last(), out + inner_last() * out_bytes());
    }
  }

  template <class Multiply>
  void windows(const uint8_t* picture, int64_t first, int64_t last, uint8_t* scratch, uint8_t* out,
               const Multiply& multiply) const {
    copy_windows(picture, first, last, scratch);
    const uint8_t* a = scratch;
    multiply(&a, 1, window_bytes(), (last - first) * g_.x.out(), out);
  }

  Geometry g_;
  uint8_t pad_value_;
  Pieces pieces_{}, band_{};
  int64_t scratch_bytes_ = 0;
};

}  // namespace monolite::runtime
