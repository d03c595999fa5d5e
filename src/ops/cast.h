#pragma once
// CAST: the same numbers in another type.

#include "ir/dtype.h"

namespace monolite::ops {

struct Cast {  // the schema's CastOptions: a note, the tensors' types decide
  DType in_data_type = DType::float32;
  DType out_data_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("in_data_type", in_data_type);
    v("out_data_type", out_data_type);
  }
};

}  // namespace monolite::ops
