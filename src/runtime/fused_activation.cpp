#include "runtime/fused_activation.h"

#include "ops/add.h"
#include "ops/conv_2d.h"
#include "ops/div.h"
#include "ops/fully_connected.h"
#include "ops/mul.h"
#include "ops/sub.h"

namespace monolite::runtime {

ops::Activation fused_activation(const ops::NodeView& n) {
  switch (n.node().op) {
    case OpCode::ADD:
      return n.attributes<ops::Add>().fused_activation_function;
    case OpCode::SUB:
      return n.attributes<ops::Sub>().fused_activation_function;
    case OpCode::MUL:
      return n.attributes<ops::Mul>().fused_activation_function;
    case OpCode::DIV:
      return n.attributes<ops::Div>().fused_activation_function;
    case OpCode::CONV_2D:
      return n.attributes<ops::Conv2D>().fused_activation_function;
    case OpCode::FULLY_CONNECTED:
      return n.attributes<ops::FullyConnected>().fused_activation_function;
    default:
      return ops::Activation::none;
  }
}

}  // namespace monolite::runtime
