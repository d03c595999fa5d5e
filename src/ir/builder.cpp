#include "ir/builder.h"

namespace monolite {

TensorId GraphBuilder::tensor(std::string name, DType dtype, Shape shape, Quantization quantization) {
  Tensor t;
  t.name = std::move(name);
  t.dtype = dtype;
  t.shape = std::move(shape);
  t.quantization = std::move(quantization);
  return graph_.add(std::move(t));
}

TensorId GraphBuilder::input(std::string name, DType dtype, Shape shape, Quantization quantization) {
  const TensorId id = tensor(std::move(name), dtype, std::move(shape), std::move(quantization));
  graph_.inputs.push_back(id);
  return id;
}

TensorId GraphBuilder::constant(std::string name, DType dtype, Shape shape, Buffer data, Quantization quantization) {
  const TensorId id = tensor(std::move(name), dtype, std::move(shape), std::move(quantization));
  graph_.tensor(id).data = std::move(data);
  return id;
}

Node& GraphBuilder::node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
  Node n;
  n.op = op;
  n.inputs = std::move(inputs);
  n.outputs = std::move(outputs);
  graph_.nodes.push_back(std::move(n));
  return graph_.nodes.back();
}

}  // namespace monolite
