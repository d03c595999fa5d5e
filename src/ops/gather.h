#pragma once
// GATHER: the slices of dimension `axis` that input 1 lists; the first batch_dims dimensions of both go together.

#include <cstdint>

namespace monolite::ops {

struct Gather {  // the schema's GatherOptions
  int32_t axis = 0, batch_dims = 0;
  template <class V>
  void visit(V&& v) {
    v("axis", axis);
    v("batch_dims", batch_dims);
  }
};

}  // namespace monolite::ops
