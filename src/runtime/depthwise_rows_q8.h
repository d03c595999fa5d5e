#pragma once
// Rows of an 8-bit depthwise convolution: its packed weights and what its kernel is told each time.

#include <algorithm>
#include <vector>

#include "kernels/depthwise_q8/packed_depthwise_q8.h"
#include "ops/window.h"
#include "runtime/arena.h"
#include "runtime/convolution_q8.h"

namespace monolite::runtime {

class DepthwiseRowsQ8 {
 public:
  static constexpr int kMostRows = 32;  // of a window

  // Are the window's extents such that rows and scratch stay small?
  static bool fits(const ops::WindowAxis& y, const ops::WindowAxis& x) {
    constexpr int64_t kMostScratch = 16 << 20;
    const int groups = (y.filter + kernels::kRowGroup - 1) / kernels::kRowGroup;
    return y.filter <= kMostRows - kernels::kRowGroup && x.stride <= 1024 && x.reach() <= 65536 && y.reach() <= 65536 &&
           kernels::depthwise_q8_scratch(groups, x.filter, x.stride, x.dilation) <= kMostScratch;
  }

  DepthwiseRowsQ8(const kernels::DepthwiseQ8Kernel& kernel, const ConvolutionQ8& c, const ops::WindowAxis& y,
                  const ops::WindowAxis& x)
      : kernel_(kernel),
        y_(y),
        x_(x),
        channels_(static_cast<int>(c.multipliers.size())),
        packed_(packed(kernel, c, y.filter, x.filter)),
        pad_row_(static_cast<size_t>(int64_t{x.in} * channels_ + kReadableBehind), c.pad_value) {
    args_.row_groups = packed_.row_groups();
    args_.pixel_stride = args_.out_stride = channels_;
    args_.columns = x.in;
    args_.pad_left = x.pad_before();
    args_.taps = x.filter;
    args_.stride = x.stride;
    args_.dilation = x.dilation;
    args_.pad_value = c.pad_value;
    args_.flip = c.flip;
    args_.out_columns = x.out();
    args_.output = c.output;
  }

  int64_t scratch_bytes() const {
    return kernels::depthwise_q8_scratch(packed_.row_groups(), x_.filter, x_.stride, x_.dilation);
  }

  // How far apart two output rows are that share their input rows; 0: none do.
  int64_t pair_distance() const { return y_.stride == 1 && packed_.output_rows() == 2 ? y_.dilation : 0; }

  // Computes output rows [first, last) into `out`, out_row bytes apart, those that share input rows together.
  // row_at(iy) is where input row iy lies; need(iy) comes before, when rows up to iy, not included, are about to be
  // read. Those read until then lie at most y.reach() + pair_distance() before.
  template <class RowAt, class Need>
  void compute(int64_t first, int64_t last, const RowAt& row_at, const Need& need, uint8_t* scratch, uint8_t* out,
               int64_t out_row) const {
    const auto one_or_two = [&](int64_t oy, bool two) {
      need(std::min<int64_t>(y_.in, y_.start(oy) + y_.reach() + (two ? y_.dilation : 0)));
      uint8_t* to = out + (oy - first) * out_row;
      window(oy, row_at, scratch, to, two ? to + pair_distance() * out_row : nullptr);
    };
    const int64_t distance = pair_distance();
    if (distance == 0) {
      for (int64_t oy = first; oy < last; ++oy) one_or_two(oy, false);
      return;
    }
    for (int64_t top = first; top < last; top += 2 * distance) {
      const int64_t alone = std::min(top + distance, last);  // rows from here on are second ones
      for (int64_t oy = top; oy < alone; ++oy) one_or_two(oy, oy + distance < last);
    }
  }

 private:
  static kernels::PackedDepthwiseQ8 packed(const kernels::DepthwiseQ8Kernel& kernel, const ConvolutionQ8& c, int height,
                                           int width) {
    using kernels::PackedDepthwiseQ8;
    const auto channels = static_cast<int>(c.multipliers.size());
    return c.packed_by(
        [&](std::span<const std::byte> bytes) {
          return PackedDepthwiseQ8::from_stored(bytes, kernel, height, width, channels);
        },
        [&] {
          return PackedDepthwiseQ8(kernel, c.weights, height, width, channels, c.bias, c.input_zero_point,
                                   c.multipliers, c.output);
        },
        [](const PackedDepthwiseQ8& made) { return made.stored(); },
        PackedDepthwiseQ8(kernel, height, width, channels));
  }

  // Output row oy and, unless `second` is null, the one that shares its input rows.
  template <class RowAt>
  void window(int64_t oy, const RowAt& row_at, uint8_t* scratch, uint8_t* out, uint8_t* second) const {
    const uint8_t* window[kMostRows];
    for (int i = 0; i < args_.row_groups * kernels::kRowGroup; ++i) {
      // Behind the window's last row stand weights of 0: any row will do.
      const int tap = std::min(i, y_.filter - (second == nullptr ? 1 : 0));
      const int64_t iy = y_.start(oy) + int64_t{tap} * y_.dilation;
      window[i] = iy >= 0 && iy < y_.in ? row_at(iy) : pad_row_.data();
    }
    const uint8_t* rows[kMostRows];
    kernels::DepthwiseQ8Args args = args_;
    args.rows = rows;
    args.scratch = scratch;
    for (const kernels::DepthwiseBlockQ8& block : packed_.blocks()) {
      for (int i = 0; i < args_.row_groups * kernels::kRowGroup; ++i) rows[i] = window[i] + block.first_channel;
      args.out[0] = out + block.first_channel;
      args.out[1] = second == nullptr ? nullptr : second + block.first_channel;
      kernel_.run(block, args);
    }
  }

  const kernels::DepthwiseQ8Kernel& kernel_;
  ops::WindowAxis y_, x_;
  int channels_;
  kernels::PackedDepthwiseQ8 packed_;
  std::vector<uint8_t> pad_row_;
  kernels::DepthwiseQ8Args args_{};
};

}  // namespace monolite::runtime
