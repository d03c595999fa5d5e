#pragma once
// RESIZE_BILINEAR: input [N, H, W, C], size {height, width} -> [N, height, width, C].

#include <cstdint>
#include <vector>

#include "ir/graph.h"

namespace monolite::ops {

struct ResizeBilinear {  // the schema's ResizeBilinearOptions
  bool align_corners = false;
  bool half_pixel_centers = false;
  template <class V>
  void visit(V&& v) {
    v("align_corners", align_corners);
    v("half_pixel_centers", half_pixel_centers);
  }
};

// Where an output row (or column) takes its value from: `upper` has the weight `fraction`, `lower` the rest.
template <class Real>
struct ResizeSample {
  int32_t lower, upper;
  Real fraction;
};

// LiteRT's float arithmetic, for float32 and uint8: one correctly rounded division gives the scale.
std::vector<ResizeSample<float>> float_resize_samples(int32_t in, int32_t out, const ResizeBilinear& attributes);
// LiteRT's integer arithmetic, for int8 and int16: fractions in units of 1/1024.
std::vector<ResizeSample<int32_t>> integer_resize_samples(int32_t in, int32_t out, const ResizeBilinear& attributes);

}  // namespace monolite::ops
