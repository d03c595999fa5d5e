#pragma once
// ARG_MAX and ARG_MIN: the index along one dimension (input 1 names it) of the largest or smallest element; of equal
// ones the first. The dimension goes.

#include "ir/dtype.h"
#include "ops/op.h"

namespace monolite::ops {

struct ArgMinMax {  // the schema's ArgMaxOptions and ArgMinOptions
  DType output_type = DType::float32;
  template <class V>
  void visit(V&& v) {
    v("output_type", output_type);
  }
};

Expected<void> verify_arg_min_max(const NodeView& n, const ArgMinMax& a);
Expected<Shapes> infer_arg_min_max(const NodeView& n, const ArgMinMax& a);
Expected<void> arg_max_reference(const Evaluation& n, const ArgMinMax& a);
Expected<void> arg_min_reference(const Evaluation& n, const ArgMinMax& a);

}  // namespace monolite::ops
