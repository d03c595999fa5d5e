#pragma once
// RESHAPE: the same elements in the same order, under the shape that input 1 (or the options) says; one -1 is found.

#include <cstdint>
#include <vector>

namespace monolite::ops {

struct Reshape {  // the schema's ReshapeOptions
  std::vector<int32_t> new_shape;
  template <class V>
  void visit(V&& v) {
    v("new_shape", new_shape);
  }
};

}  // namespace monolite::ops
