#pragma once
// RESIZE_NEAREST_NEIGHBOR: input [N, H, W, C], size {height, width} -> [N, height, width, C].

namespace monolite::ops {

struct ResizeNearestNeighbor {  // the schema's ResizeNearestNeighborOptions
  bool align_corners = false;
  bool half_pixel_centers = false;
  template <class V>
  void visit(V&& v) {
    v("align_corners", align_corners);
    v("half_pixel_centers", half_pixel_centers);
  }
};

}  // namespace monolite::ops
