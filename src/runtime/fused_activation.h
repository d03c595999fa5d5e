#pragma once
// The clamp that float32 steps read off their node.

#include "ops/activation.h"

namespace monolite::runtime {

// Of an ADD, SUB, MUL, DIV, CONV_2D or FULLY_CONNECTED; none of what has none.
ops::Activation fused_activation(const ops::NodeView& n);

}  // namespace monolite::runtime
