#include "delegates/graph_context.h"

#include "ops/op.h"

namespace monolite::delegates {
namespace {

bool all_shapes_known(const std::vector<TensorId>& ids, const ops::Inference& inference) {
  for (const TensorId id : ids) {
    if (id != kNoTensor && !inference.states[static_cast<size_t>(id)].has_shape) return false;
  }
  return true;
}

}  // namespace

GraphContext::GraphContext(const Model& model) : model_(&model), inference_(ops::infer_shapes(model)) {
  const Graph& g = graph();
  producers_.assign(g.tensors.size(), -1);
  consumers_.resize(g.tensors.size());
  is_input_.resize(g.tensors.size());
  is_output_.resize(g.tensors.size());
  is_dynamic_.resize(g.nodes.size());
  macs_.resize(g.nodes.size());
  for (const TensorId id : g.inputs) is_input_[static_cast<size_t>(id)] = true;
  for (const TensorId id : g.outputs) is_output_[static_cast<size_t>(id)] = true;
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    const Node& node = g.nodes[i];
    for (const TensorId id : node.inputs) {
      if (id != kNoTensor) consumers_[static_cast<size_t>(id)].push_back(static_cast<int>(i));
    }
    for (const TensorId id : node.outputs) {
      if (id != kNoTensor && producers_[static_cast<size_t>(id)] < 0)
        producers_[static_cast<size_t>(id)] = static_cast<int>(i);
    }
    if (inference_.node_errors[i] || !all_shapes_known(node.inputs, inference_)) continue;
    if (!all_shapes_known(node.outputs, inference_)) {
      is_dynamic_[i] = true;
    } else if (const ops::OpDef* op = ops::find_op(node)) {
      macs_[i] = op->cost(ops::NodeView(model, 0, i, inference_.states)).macs;
    }
  }
}

const Shape& GraphContext::propagated_shape(TensorId id) const {
  const ops::TensorState& state = inference_.states[static_cast<size_t>(id)];
  return state.has_shape ? state.shape : graph().tensor(id).shape;
}

bool GraphContext::unpacks_float16(int node) const {
  const Node& n = graph().nodes[static_cast<size_t>(node)];
  if (n.op != OpCode::DEQUANTIZE || n.inputs.empty() || n.inputs[0] == kNoTensor) return false;
  const Tensor& packed = graph().tensor(n.inputs[0]);
  return packed.dtype == DType::float16 && packed.is_constant();
}

TensorId GraphContext::behind_float16(TensorId id) const {
  const int maker = producer(id);
  return maker >= 0 && unpacks_float16(maker) ? graph().nodes[static_cast<size_t>(maker)].inputs[0] : id;
}

int64_t GraphContext::size_bytes(TensorId id) const {
  const Shape& shape = propagated_shape(id);
  const auto elements = shape.checked_elements();
  return elements && *elements <= INT64_MAX / 128 ? bytes_of(shape, graph().tensor(id).dtype) : 0;
}

}  // namespace monolite::delegates
