#pragma once
// SUB: a - b, broadcast.

#include "ops/activation.h"

namespace monolite::ops {

struct Sub {  // the schema's SubOptions
  Activation fused_activation_function = Activation::none;
  bool pot_scale_int16 = true;
  template <class V>
  void visit(V&& v) {
    v("fused_activation_function", fused_activation_function);
    v("pot_scale_int16", pot_scale_int16);
  }
};

}  // namespace monolite::ops
