#pragma once
// What AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D share: [N, H, W, C] -> [N, H', W', C], a window for each output.

#include <vector>

#include "ops/activation.h"
#include "ops/node_view.h"
#include "ops/op.h"
#include "ops/window.h"

namespace monolite::ops {

struct Pool2D {  // the schema's Pool2DOptions
  Padding padding = Padding::same;
  int32_t stride_w = 0, stride_h = 0, filter_width = 0, filter_height = 0;
  Activation fused_activation_function = Activation::none;
  template <class V>
  void visit(V&& v) {
    v("padding", padding);
    v("stride_w", stride_w);
    v("stride_h", stride_h);
    v("filter_width", filter_width);
    v("filter_height", filter_height);
    v("fused_activation_function", fused_activation_function);
  }
};

WindowAxes pool_axes(const NodeView& n, const Pool2D& a);

// Everything but the types: one picture in, one out, a window and strides that are there.
Expected<void> verify_pool(const NodeView& n, const Pool2D& a);
Expected<Shapes> infer_pool(const NodeView& n, const Pool2D& a);
Cost pool_cost(const NodeView& n, const Pool2D& a);

// One of float32, uint8, int8, int16 in and out. Elements are pooled as they are: input and output have one
// quantization.
Expected<void> expect_pool_types(const NodeView& n, const Pool2D& a);

// The clamp on elements of the output.
template <class T>
Range<T> pool_range(const NodeView& n, const Pool2D& a) {
  if constexpr (std::is_floating_point_v<T>) {
    return float_range(a.fused_activation_function);
  } else {
    const Range<int32_t> range = quantized_range(n, a.fused_activation_function);
    return {static_cast<T>(range.least), static_cast<T>(range.most)};
  }
}

// For each output pixel: channels of Acc start at `start`, add(Acc&, T) takes the pixels of the window that lie inside
// of the picture, by rows, then finish(Acc, count) gives the element.
template <class T, class Acc, class Add, class Finish>
void pool(const Evaluation& n, const Pool2D& a, Acc start, Add add, Finish finish) {
  const Shape& in = n.shape(0);
  const auto [y, x] = pool_axes(n, a);
  const auto channels = static_cast<size_t>(in[3]);
  const T* input = n.data<T>(0);
  T* out = n.out<T>(0);
  std::vector<Acc> pooled(channels);
  for (int32_t b = 0; b < in[0]; ++b) {
    for (int32_t oy = 0; oy < y.out(); ++oy) {
      const WindowAxis::Span rows = y.span(oy);
      for (int32_t ox = 0; ox < x.out(); ++ox) {
        const WindowAxis::Span columns = x.span(ox);
        std::fill(pooled.begin(), pooled.end(), start);
        for (int64_t iy = rows.first; iy < rows.end; ++iy) {
          for (int64_t ix = columns.first; ix < columns.end; ++ix) {
            const T* pixel = input + ((int64_t{b} * in[1] + iy) * in[2] + ix) * in[3];
            for (size_t c = 0; c < channels; ++c) add(pooled[c], pixel[c]);
          }
        }
        const auto count = static_cast<int32_t>((rows.end - rows.first) * (columns.end - columns.first));
        for (size_t c = 0; c < channels; ++c) *out++ = finish(pooled[c], count);
      }
    }
  }
}

}  // namespace monolite::ops
