#pragma once
// DEPTH_TO_SPACE: [N, H, W, b * b * C] -> [N, H * b, W * b, C]; the channels of a pixel become a block of pixels.

#include <cstdint>

namespace monolite::ops {

struct DepthToSpace {  // the schema's DepthToSpaceOptions
  int32_t block_size = 0;
  template <class V>
  void visit(V&& v) {
    v("block_size", block_size);
  }
};

}  // namespace monolite::ops
