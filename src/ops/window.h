#pragma once
// Sliding windows over pictures: output extents and padding of convolutions and pools.

#include <algorithm>
#include <cstdint>

#include "ir/shape.h"

namespace monolite::ops {

// The schema's Padding.
enum class Padding : int8_t { same = 0, valid = 1 };

// One axis of a window.
struct WindowAxis {
  int32_t in = 0, filter = 1, stride = 1, dilation = 1;
  Padding padding = Padding::same;

  // How far the filter reaches with its holes. May pass int32 for absurd attributes, hence 64 bits.
  int64_t reach() const { return (int64_t{filter} - 1) * dilation + 1; }
  // The output's extent; 0 where the window does not fit once.
  int32_t out() const {
    const int64_t last = padding == Padding::same ? int64_t{in} + stride - 1 : int64_t{in} + stride - reach();
    return static_cast<int32_t>(std::max<int64_t>(0, last / stride));
  }
  // Zeros before the first element; behind the last stands one more where the total is odd.
  int32_t pad_before() const {
    const int64_t total = std::max<int64_t>(0, (int64_t{out()} - 1) * stride + reach() - in);
    return static_cast<int32_t>(total / 2);
  }
  // Where the window of output `at` starts; negative: among the zeros.
  int64_t start(int64_t at) const { return at * stride - pad_before(); }
  // What of the input lies between that window's ends.
  struct Span {
    int64_t first, end;
  };
  Span span(int64_t at) const {
    const int64_t first = start(at);
    return {std::max<int64_t>(0, first), std::min<int64_t>(in, first + reach())};
  }
};

// A window along height and along width.
struct WindowAxes {
  WindowAxis y, x;
};

// Of a convolution with the options `a`: input [N, H, W, C], filter [K, h, w, C].
template <class Convolution>
WindowAxes window_axes(const Shape& in, const Shape& filter, const Convolution& a) {
  return {{in[1], filter[1], a.stride_h, a.dilation_h_factor, a.padding},
          {in[2], filter[2], a.stride_w, a.dilation_w_factor, a.padding}};
}

}  // namespace monolite::ops
