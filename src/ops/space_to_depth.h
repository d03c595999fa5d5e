#pragma once
// SPACE_TO_DEPTH: [N, H * b, W * b, C] -> [N, H, W, b * b * C]; a block of pixels becomes the channels of one.

#include <cstdint>

namespace monolite::ops {

struct SpaceToDepth {  // the schema's SpaceToDepthOptions
  int32_t block_size = 0;
  template <class V>
  void visit(V&& v) {
    v("block_size", block_size);
  }
};

}  // namespace monolite::ops
