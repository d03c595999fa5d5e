#pragma once
// L2_NORMALIZATION: each row of the innermost dimension divided by the root of the sum of its squares.

#include "ops/activation.h"

namespace monolite::ops {

struct L2Normalization {  // the schema's L2NormOptions
  Activation fused_activation_function = Activation::none;
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
  }
};

}  // namespace monolite::ops
