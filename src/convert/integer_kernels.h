#pragma once
// Which nodes of a float graph a kernel computes on integers.

#include "convert/quantization_params.h"

namespace monolite::conversion {

class IntegerKernels {
 public:
  // `graph` may grow meanwhile.
  IntegerKernels(const Graph& graph, DType dtype, QuantizedType type) : g_(graph), dtype_(dtype), type_(type) {}

  // Is there one for this node? Asked of the node alone, with tensors of the types that it would get.
  bool has(const Node& node);

 private:
  Tensor trial(const Node& node, TensorId id);
  const Buffer& zeros(TensorId constant);

  const Graph& g_;
  const DType dtype_;
  const QuantizedType type_;
  std::unordered_map<TensorId, Buffer> zeros_;
};

}  // namespace monolite::conversion
