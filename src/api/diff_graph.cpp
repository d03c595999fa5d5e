#include "api/diff_graph.h"

#include <map>
#include <optional>

#include "base/text.h"
#include "convert/interpret.h"
#include "tasks/output.h"

namespace monolite {
namespace {

using Nodes = std::map<std::string, const tensorflow::Node*>;

Nodes by_name(const tensorflow::Graph& graph) {
  Nodes nodes;
  for (const tensorflow::Node& node : graph.nodes) nodes.emplace(node.name, &node);
  return nodes;
}

// The graph's name among those that a tensor's name is made of.
std::string graph_name(const Nodes& nodes, const std::string& tensor) {
  for (const std::string& part : split(tensor, ';')) {
    const std::string name = tensorflow::parse_tensor_name(part).node;
    if (nodes.count(name) > 0) return part;
  }
  return "";
}

Expected<std::string> named(const Nodes& nodes, const Model& model, TensorId id, const char* what) {
  const std::string& tensor = model.main().tensor(id).name;
  std::string name = graph_name(nodes, tensor);
  if (!name.empty()) return name;
  return Unexpected(input_error(std::string(what) + " \"" + printable(tensor) + "\"",
                                "no node of the graph has that name", "a tensor of the graph",
                                "name it as the graph does: monolite edit --rename OLD=NEW"));
}

// Does the graph take this tensor as pixels or other integers?
bool takes_integers(const tensorflow::Node& node) {
  const auto type = node.attr<tensorflow::DataType>("dtype") != nullptr ? *node.attr<tensorflow::DataType>("dtype")
                                                                        : tensorflow::DataType::invalid;
  return node.op == "Placeholder" && type != tensorflow::DataType::float32;
}

ops::Value real_value(const ops::Value& value, const Quantization& quantization) {
  std::vector<float> reals;
  for (int64_t i = 0; i < value.shape.elements(); ++i) {
    reals.push_back(static_cast<float>(tasks::real_number(value, quantization, i)));
  }
  return {DType::float32, value.shape, Buffer::of(std::move(reals))};
}

}  // namespace

bool is_graph_file(const std::string& path) { return path.ends_with(".pb") || path.ends_with(".pbtxt"); }

std::vector<std::string> counterparts(const Model& model, const tensorflow::Graph& graph) {
  const Nodes nodes = by_name(graph);
  std::vector<std::string> names;
  for (const Node& node : model.main().nodes) {
    const bool has_output = !node.outputs.empty() && node.outputs[0] != kNoTensor;
    names.push_back(has_output ? graph_name(nodes, model.main().tensor(node.outputs[0]).name) : "");
  }
  return names;
}

Expected<std::vector<ops::Value>> run_like(const Model& model, const tensorflow::Graph& graph,
                                           const std::vector<ops::Value>& inputs) {
  const Nodes nodes = by_name(graph);
  const Graph& g = model.main();
  std::vector<conversion::Feed> feeds;
  for (size_t i = 0; i < g.inputs.size() && i < inputs.size(); ++i) {
    ML_ASSIGN(const std::string name, named(nodes, model, g.inputs[i], "input"));
    const Quantization& q = g.tensor(g.inputs[i]).quantization;
    const bool is_kept = !q.is_quantized() || takes_integers(*nodes.at(tensorflow::parse_tensor_name(name).node));
    feeds.push_back({name, is_kept ? inputs[i] : real_value(inputs[i], q)});
  }
  std::vector<std::string> outputs;
  for (const TensorId id : g.outputs) {
    ML_ASSIGN(std::string name, named(nodes, model, id, "output"));
    outputs.push_back(std::move(name));
  }
  return conversion::run_graph(graph, feeds, outputs);
}

}  // namespace monolite
