#include "legalize/merge.h"

#include <algorithm>
#include <string_view>

#include "legalize/nodes.h"

namespace monolite::legalize {
namespace {

template <class T>
void append(std::string& key, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
void append(std::string& key, const std::vector<T>& values) {
  append(key, values.size());
  for (const T& v : values) append(key, v);
}

void append(std::string& key, std::string_view text) {
  append(key, text.size());
  key.append(text);
}

void append_mapping(std::string& key, const Tensor& t) {
  append(key, t.dtype);
  append(key, t.quantization.scale);
  append(key, t.quantization.zero_point);
  append(key, t.quantization.dimension);
}

void append_value(std::string& key, const AttributeValue& value) {
  append(key, value.index());
  if (auto* text = std::get_if<std::string>(&value)) {
    append(key, std::string_view(*text));
  } else {
    std::visit(
        [&](const auto& v) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, std::string>) append(key, v);
        },
        value);
  }
}

// What decides about a node's outputs, besides its inputs.
std::string key_of(const Graph& graph, const Node& node) {
  std::string key;
  append(key, node.op);
  append(key, std::string_view(node.custom_code));
  auto values = node.attributes.values();
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, value] : values) {
    append(key, std::string_view(name));
    append_value(key, value);
  }
  append(key,
         std::string_view(reinterpret_cast<const char*>(node.custom_options.data()), node.custom_options.size_bytes()));
  for (const TensorId id : node.outputs) append_mapping(key, graph.tensor(id));
  return key;
}

bool runs_subgraph(const Node& node) {
  return node.op == OpCode::IF || node.op == OpCode::WHILE || node.op == OpCode::CALL || node.op == OpCode::CALL_ONCE;
}

bool touches_variable(const Graph& graph, const Node& node) {
  const auto is_variable = [&](TensorId id) { return id != kNoTensor && graph.tensor(id).is_variable; };
  return std::any_of(node.inputs.begin(), node.inputs.end(), is_variable) ||
         std::any_of(node.outputs.begin(), node.outputs.end(), is_variable);
}

}  // namespace

TensorId Merger::add_input(const Tensor& like) {
  const TensorId id = graph().add(like);
  graph().inputs.push_back(id);
  return id;
}

TensorId Merger::constant(const Tensor& tensor) {
  std::string key;
  append_mapping(key, tensor);
  append(key, tensor.shape.dims());
  append(key,
         std::hash<std::string_view>()({reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size_bytes()}));
  const auto [first, last] = constants_.equal_range(key);
  for (auto it = first; it != last; ++it) {
    const Buffer& data = graph().tensor(it->second).data;
    if (std::equal(data.bytes().begin(), data.bytes().end(), tensor.data.bytes().begin(), tensor.data.bytes().end())) {
      return it->second;
    }
  }
  const TensorId id = graph().add(tensor);
  constants_.emplace(std::move(key), id);
  return id;
}

void Merger::add_node(const Graph& from, const Node& node, std::vector<TensorId>& ids) {
  Node made = node;
  const auto translate = [&](TensorId& id) {
    if (id == kNoTensor) return;
    TensorId& here = ids[static_cast<size_t>(id)];
    if (here == kNoTensor) here = graph().add(from.tensor(id));
    id = here;
  };
  std::for_each(made.inputs.begin(), made.inputs.end(), translate);
  std::string key = key_of(from, node);
  append(key, made.inputs);
  const bool is_pure = !touches_variable(from, node);
  if (const auto known = nodes_.find(key); is_pure && known != nodes_.end()) {
    for (size_t i = 0; i < node.outputs.size(); ++i) ids[static_cast<size_t>(node.outputs[i])] = known->second[i];
    return;
  }
  // A tensor that nodes of both graphs write is two tensors here.
  std::for_each(made.outputs.begin(), made.outputs.end(), translate);
  std::for_each(made.intermediates.begin(), made.intermediates.end(), translate);
  if (is_pure) nodes_.emplace(std::move(key), made.outputs);
  graph().nodes.push_back(std::move(made));
}

Expected<std::vector<TensorId>> Merger::add(const Model& model, const std::vector<TensorId>& inputs) {
  const Graph& from = model.main();
  std::vector<TensorId> ids(from.tensors.size(), kNoTensor);
  for (size_t i = 0; i < inputs.size(); ++i) ids[static_cast<size_t>(from.inputs[i])] = inputs[i];
  for (size_t i = 0; i < from.tensors.size(); ++i) {
    if (from.tensors[i].is_constant() && ids[i] == kNoTensor) ids[i] = constant(from.tensors[i]);
  }
  for (const Node& node : from.nodes) {
    if (runs_subgraph(node)) {
      return Unexpected(input_error(op_name(node), "a node that runs another subgraph", "one graph",
                                    "such models are not compared here"));
    }
    add_node(from, node, ids);
  }
  std::vector<TensorId> outputs;
  for (const TensorId id : from.outputs) {
    TensorId& here = ids[static_cast<size_t>(id)];
    if (here == kNoTensor) here = graph().add(from.tensor(id));  // nothing writes it: running says so
    outputs.push_back(here);
  }
  return outputs;
}

TensorId Merger::convert(TensorId from, const Tensor& like) {
  Graph& g = graph();
  const Tensor& source = g.tensor(from);
  if (source.dtype == like.dtype && same_mapping(source.quantization, like.quantization)) return from;
  Tensor target = like;
  target.data = {};
  target.shape = source.shape;
  const bool to_real = like.dtype == DType::float32;
  const bool is_scaled = source.quantization.is_quantized() || like.quantization.is_quantized();
  const TensorId to = g.add(std::move(target));
  Node node = !is_scaled ? cast(g, from, to) : to_real ? dequantize(g, from, to) : quantize(g, from, to);
  std::string key = key_of(g, node);
  append(key, node.inputs);
  if (const auto known = nodes_.find(key); known != nodes_.end()) return known->second[0];
  nodes_.emplace(std::move(key), node.outputs);
  g.nodes.push_back(std::move(node));
  return to;
}

}  // namespace monolite::legalize
