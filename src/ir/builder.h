#pragma once
// Makes small graphs by hand: for tests, and for passes that write new nodes.

#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"

namespace monolite {

class GraphBuilder {
 public:
  explicit GraphBuilder(Graph& graph) : graph_(graph) {}

  TensorId input(std::string name, DType dtype, Shape shape, Quantization quantization = {});
  // A tensor that some node will write.
  TensorId tensor(std::string name, DType dtype, Shape shape, Quantization quantization = {});
  template <class T>
  TensorId constant(std::string name, Shape shape, std::vector<T> values, Quantization quantization = {}) {
    return constant(std::move(name), DTypeOf<T>::value, std::move(shape), Buffer::of(std::move(values)),
                    std::move(quantization));
  }
  TensorId constant(std::string name, DType dtype, Shape shape, Buffer data, Quantization quantization = {});
  void output(TensorId id) { graph_.outputs.push_back(id); }

  // Appends a node. `table` is the options table's name, `attributes` an op's struct.
  Node& node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs);
  template <class A>
  Node& node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs, std::string table, A attributes) {
    Node& made = node(op, std::move(inputs), std::move(outputs));
    made.attributes.set_table(std::move(table));
    set_attributes(made.attributes, attributes);
    return made;
  }

 private:
  Graph& graph_;
};

}  // namespace monolite
