#include "passes/graph_edit.h"

#include <algorithm>
#include <iterator>

namespace monolite::passes {

Node make_node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
  Node made;
  made.op = op;
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

Node make_node(OpCode op, std::vector<TensorId> inputs, std::vector<TensorId> outputs, std::string table,
               const Options& options) {
  Node made = make_node(op, std::move(inputs), std::move(outputs));
  made.attributes.set_table(std::move(table));
  for (const auto& [name, value] : options) made.attributes.set(name, value);
  return made;
}

std::string fresh_name(const Graph& graph, const std::string& wish) {
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(graph.tensors.begin(), graph.tensors.end(), [&](const Tensor& t) { return t.name == name; });
  };
  std::string name = wish;
  for (int number = 1; is_taken(name); ++number) name = wish + "_" + std::to_string(number);
  return name;
}

TensorId add_like(Graph& graph, TensorId original, const std::string& suffix, Shape shape) {
  Tensor made;
  made.name = fresh_name(graph, graph.tensor(original).name + suffix);
  made.dtype = graph.tensor(original).dtype;
  made.quantization = graph.tensor(original).quantization;
  made.shape = std::move(shape);
  return graph.add(std::move(made));
}

TensorId add_constant(Graph& graph, const std::string& name, DType dtype, Shape shape, Buffer data,
                      Quantization quantization) {
  Tensor made;
  made.name = fresh_name(graph, name);
  made.dtype = dtype;
  made.shape = std::move(shape);
  made.data = std::move(data);
  made.quantization = std::move(quantization);
  return graph.add(std::move(made));
}

std::vector<float> floats(const Tensor& constant) {
  std::vector<float> values(constant.data.size_bytes() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), constant.data.data(), values.size() * sizeof(float));
  return values;
}

void replace_node(Graph& graph, size_t index, std::vector<Node> made) {
  const auto place = graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index));
  graph.nodes.insert(place, std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
}

void replace_tensor(Model& model, size_t graph, TensorId from, TensorId to) {
  Graph& g = model.graphs[graph];
  g.replace_uses(from, to);
  std::replace(g.inputs.begin(), g.inputs.end(), from, to);
  for (Signature& s : model.signatures) {
    if (s.graph != graph) continue;
    for (auto& [name, id] : s.inputs) id = id == from ? to : id;
    for (auto& [name, id] : s.outputs) id = id == from ? to : id;
  }
}

void bypass_node(Model& model, size_t graph, size_t index, TensorId instead) {
  Graph& g = model.graphs[graph];
  const TensorId output = g.nodes[index].outputs.front();
  g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(index));
  replace_tensor(model, graph, output, instead);
}

}  // namespace monolite::passes
