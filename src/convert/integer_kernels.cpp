#include "convert/integer_kernels.h"

#include "convert/quantized_ops.h"
#include "ops/infer_shapes.h"

namespace monolite::conversion {

bool IntegerKernels::has(const Node& node) {
  Model model;
  Graph& g = model.graphs.emplace_back();
  Node copy = node;
  for (TensorId& id : copy.inputs) {
    if (id == kNoTensor) continue;
    id = g.add(trial(node, id));
    if (!g.tensor(id).is_constant()) g.inputs.push_back(id);
  }
  for (TensorId& id : copy.outputs) {
    if (id != kNoTensor) id = g.add(trial(node, id));
  }
  g.outputs = copy.outputs;
  g.nodes = {std::move(copy)};
  return ops::infer_shapes(model).result().has_value();
}

Tensor IntegerKernels::trial(const Node& node, TensorId id) {
  Tensor t = g_.tensor(id);
  if (t.dtype != DType::float32) return t;
  t.dtype = dtype_;
  const auto fixed = fixed_params(node.op, type_);
  const ScaleAndZero q = fixed && id == node.outputs[0] ? *fixed : ScaleAndZero{1, type_.least + 128};
  t.quantization = per_tensor(static_cast<float>(q.scale), q.zero_point);
  if (t.is_constant()) t.data = zeros(id);
  return t;
}

// In the place of a constant's values, made once for all its readers.
const Buffer& IntegerKernels::zeros(TensorId constant) {
  const auto [it, is_new] = zeros_.try_emplace(constant);
  if (is_new) it->second = Buffer::of(std::vector<uint8_t>(static_cast<size_t>(g_.tensor(constant).shape.elements())));
  return it->second;
}

}  // namespace monolite::conversion
