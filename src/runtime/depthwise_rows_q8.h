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
        packed_(kernel, c.weights, y.filter, x.filter, channels_, c.bias, c.input_zero_point, c.multipliers, c.output),
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

  // Output row oy into `out`; row_at(iy) is where input row iy lies.
  template <class RowAt>
  void compute(int64_t oy, const RowAt& row_at, uint8_t* scratch, uint8_t* out) const {
    const uint8_t* window[kMostRows];
    for (int i = 0; i < args_.row_groups * kernels::kRowGroup; ++i) {
      // Behind the window's last row stand weights of 0: any row will do.
      const int64_t iy = oy * y_.stride - y_.pad_before() + int64_t{std::min(i, y_.filter - 1)} * y_.dilation;
      window[i] = iy >= 0 && iy < y_.in ? row_at(iy) : pad_row_.data();
    }
    const uint8_t* rows[kMostRows];
    kernels::DepthwiseQ8Args args = args_;
    args.rows = rows;
    args.scratch = scratch;
    for (const kernels::DepthwiseBlockQ8& block : packed_.blocks()) {
      for (int i = 0; i < args_.row_groups * kernels::kRowGroup; ++i) rows[i] = window[i] + block.first_channel;
      args.out = out + block.first_channel;
      kernel_.run(block, args);
    }
  }

 private:
  const kernels::DepthwiseQ8Kernel& kernel_;
  ops::WindowAxis y_, x_;
  int channels_;
  kernels::PackedDepthwiseQ8 packed_;
  std::vector<uint8_t> pad_row_;
  kernels::DepthwiseQ8Args args_{};
};

}  // namespace monolite::runtime
