#pragma once
// DIV: a / b, broadcast.

#include "ops/activation.h"

namespace monolite::ops {

struct Div {  // the schema's DivOptions
  Activation fused_activation_function = Activation::none;
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
  }
};

}  // namespace monolite::ops
