#pragma once
// MUL: a * b, broadcast.

#include "ops/activation.h"

namespace monolite::ops {

struct Mul {  // the schema's MulOptions
  Activation fused_activation_function = Activation::none;
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
  }
};

}  // namespace monolite::ops
