#pragma once
// RESIZE_BILINEAR: input [N, H, W, C], size {height, width} -> [N, height, width, C].

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

}  // namespace monolite::ops
