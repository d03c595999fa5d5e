#pragma once
// CONCATENATION: inputs that differ only along `axis` -> one behind the other.

#include "ops/activation.h"

namespace monolite::ops {

struct Concatenation {  // the schema's ConcatenationOptions
  int32_t axis = 0;
  Activation fused_activation_function = Activation::none;
  template <class V>
  void visit(V&& v) {
    v("axis", axis);
    v("fused_activation_function", fused_activation_function);
  }
};

}  // namespace monolite::ops
