#pragma once
// Small surgery on a graph: what passes and rewrites are written in.

#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"

namespace monolite::passes {

// A node that stands in no graph yet. `table` is the options table's name, `attributes` an op's struct.
Node make_node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs);
template <class A>
Node make_node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs, std::string table,
               A attributes) {
  Node made = make_node(op, std::move(inputs), std::move(outputs));
  made.attributes.set_table(std::move(table));
  set_attributes(made.attributes, std::move(attributes));
  return made;
}

// The same with options by the schema's field names; enums are int64_t.
using Options = std::vector<std::pair<std::string, AttributeValue>>;
Node make_node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs, std::string table,
               const Options& options);

// A name that no tensor of the graph has: `wish`, or `wish` with the first number behind it that is free.
std::string fresh_name(const Graph& graph, const std::string& wish);

// A new tensor of `original`'s type and quantization that some node will write, named after it.
TensorId add_like(Graph& graph, TensorId original, const std::string& suffix, Shape shape);

// A new constant. `data` holds as many elements as `shape` says.
TensorId add_constant(Graph& graph, const std::string& name, DType dtype, Shape shape, Buffer data,
                      Quantization quantization = {});
template <class T>
TensorId add_constant(Graph& graph, const std::string& name, Shape shape, std::vector<T> values,
                      Quantization quantization = {}) {
  return add_constant(graph, name, DTypeOf<T>::value, std::move(shape), Buffer::of(std::move(values)),
                      std::move(quantization));
}

// The elements of a float32 constant, wherever they lie.
std::vector<float> floats(const Tensor& constant);

// Puts `made` where node `index` stood; the nodes behind it move up.
void replace_node(Graph& graph, size_t index, std::vector<Node> made);

// Whoever names `from` takes `to` instead: nodes that read it, the graph's inputs and outputs, signatures.
void replace_tensor(Model& model, size_t graph, TensorId from, TensorId to);

// Takes node `index` of a graph out. Whoever named its first output takes `instead`.
void bypass_node(Model& model, size_t graph, size_t index, TensorId instead);

}  // namespace monolite::passes
