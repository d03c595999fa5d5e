#include "convert/passes.h"
#include "convert/uses.h"
#include "ops/activation.h"

namespace monolite::conversion {
namespace {

using ops::Activation;

Activation activation_of(OpCode op) {
  switch (op) {
    case OpCode::RELU:
      return Activation::relu;
    case OpCode::RELU6:
      return Activation::relu6;
    case OpCode::RELU_N1_TO_1:
      return Activation::relu_n1_to_1;
    default:
      return Activation::none;
  }
}

bool takes_activation(const Node& n) {
  switch (n.op) {
    case OpCode::CONV_2D:
    case OpCode::DEPTHWISE_CONV_2D:
    case OpCode::FULLY_CONNECTED:
    case OpCode::ADD:
    case OpCode::SUB:
    case OpCode::MUL:
    case OpCode::DIV:
    case OpCode::AVERAGE_POOL_2D:
    case OpCode::MAX_POOL_2D:
    case OpCode::TRANSPOSE_CONV:
      return true;
    default:
      return false;
  }
}

}  // namespace

int fuse_activations(Lowered& lowered) {
  Graph& g = lowered.model.graphs[0];
  Uses uses(g);
  std::vector<bool> gone(g.nodes.size());
  int fused = 0;
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    const Activation activation = activation_of(g.nodes[i].op);
    if (activation == Activation::none) continue;
    const TensorId x = g.nodes[i].inputs[0];
    const int producer = uses.producer(x);
    if (producer < 0 || uses.readers(x) != 1) continue;
    Node& writer = g.nodes[static_cast<size_t>(producer)];
    // An activation changes each element by itself: it may as well come before a RESHAPE.
    const bool is_moved =
        writer.op == OpCode::RESHAPE && uses.readers(writer.inputs[0]) == 1 && uses.producer(writer.inputs[0]) >= 0;
    Node& before = is_moved ? g.nodes[static_cast<size_t>(uses.producer(writer.inputs[0]))] : writer;
    const AttributeValue* own = before.attributes.find("fused_activation_function");
    if (!takes_activation(before) || (own != nullptr && std::get<int64_t>(*own) != 0)) continue;
    before.attributes.set("fused_activation_function", static_cast<int64_t>(activation));
    writer.outputs[0] = g.nodes[i].outputs[0];
    uses.producer(writer.outputs[0]) = producer;
    gone[i] = true;
    ++fused;
  }
  erase_nodes(g, gone);
  return fused;
}

}  // namespace monolite::conversion
