#pragma once
// For tests of elementwise ops: one node on given operands.

#include <string>
#include <utility>
#include <vector>

#include "ops/op.h"
#include "ops/testing.h"

namespace monolite::ops::testing {

struct Operand {
  Value value;
  Quantization quantization;
};

template <class T>
Operand operand(Shape shape, std::vector<T> elements, Quantization q = {}) {
  return {value<T>(std::move(shape), std::move(elements)), std::move(q)};
}
// One dimension.
template <class T>
Operand row(std::vector<T> elements, Quantization q = {}) {
  const auto extent = static_cast<int32_t>(elements.size());
  return operand<T>({extent}, std::move(elements), std::move(q));
}

// Of booleans, as 0 and 1.
inline Operand flags(Shape shape, std::vector<uint8_t> bytes) {
  return {{DType::boolean, std::move(shape), Buffer::of(std::move(bytes))}, {}};
}

// A graph of one node, and the values for its inputs.
struct OperandNode {
  OneGraph graph;
  std::vector<Value> values;

  template <class A = NoAttributes>
  OperandNode(OpCode op, const std::vector<Operand>& operands, DType out, Quantization q = {}, std::string table = {},
              A attributes = {}) {
    std::vector<TensorId> inputs;
    for (const Operand& o : operands) {
      inputs.push_back(graph.builder.input("x", o.value.dtype, o.value.shape, o.quantization));
      values.push_back(o.value);
    }
    const TensorId y = graph.builder.tensor("y", out, {}, std::move(q));
    graph.builder.node(op, inputs, {y}, std::move(table), attributes);
    graph.builder.output(y);
  }

  Value run() { return graph.run(values); }
  std::string error() { return graph.error(values); }
};

// The elements that one node gives.
template <class T, class... More>
std::vector<T> run_node(OpCode op, const std::vector<Operand>& operands, More... more) {
  return elements<T>(OperandNode(op, operands, DTypeOf<T>::value, std::move(more)...).run());
}

// The booleans that one node gives, as 0 and 1.
inline std::vector<uint8_t> run_flags(OpCode op, const std::vector<Operand>& operands) {
  return elements<uint8_t>(OperandNode(op, operands, DType::boolean).run());
}

}  // namespace monolite::ops::testing
