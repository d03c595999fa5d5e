#include "convert/lowering.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "ops/infer_shapes.h"
#include "ops/op.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;

constexpr int64_t kMostFoldedBytes = int64_t{1} << 30;
constexpr size_t kMostInputs = 4096;  // of one node
constexpr uintptr_t kAlignment = 8;

std::string attributes_text(const tf::Node& n) {
  std::string text;
  for (const auto& [key, value] : n.attrs) {
    if (key.starts_with('_')) continue;
    text += (text.empty() ? "" : ", ") + printable(key);
  }
  return text.empty() ? "no attributes" : "attributes " + text;
}

}  // namespace

Error node_error(const tf::Node& n, std::string found, std::string expected, std::string mend) {
  return input_error("node \"" + printable(n.name) + "\" (" + printable(n.op) + ")", std::move(found),
                     std::move(expected), std::move(mend));
}

Expected<DType> dtype_of(tf::DataType type) {
  switch (type) {
    case tf::DataType::float32:
      return DType::float32;
    case tf::DataType::float64:
      return DType::float64;
    case tf::DataType::float16:
      return DType::float16;
    case tf::DataType::int32:
      return DType::int32;
    case tf::DataType::int64:
      return DType::int64;
    case tf::DataType::int16:
      return DType::int16;
    case tf::DataType::int8:
      return DType::int8;
    case tf::DataType::uint8:
      return DType::uint8;
    case tf::DataType::uint16:
      return DType::uint16;
    case tf::DataType::uint32:
      return DType::uint32;
    case tf::DataType::uint64:
      return DType::uint64;
    case tf::DataType::boolean:
      return DType::boolean;
    case tf::DataType::string:
      return DType::string;
    default:
      return Unexpected(input_error("", "values of type " + tf::name(type), "numbers of a type that a .tflite has"));
  }
}

Lowering::Lowering(const LoweringOptions& options) : options_(options) { lowered_.model.graphs.resize(1); }

TensorId Lowering::add(Tensor t, bool has_shape) {
  ops::TensorState state;
  state.shape = t.shape;
  state.has_shape = has_shape;
  if (t.is_constant()) state.data = const_cast<std::byte*>(t.data.data());
  states_.push_back(std::move(state));
  return graph().add(std::move(t));
}

TensorId Lowering::add_input(const std::string& name, DType dtype, const Shape& shape) {
  Tensor t;
  t.name = name;
  t.dtype = dtype;
  t.shape = shape;
  const TensorId id = add(std::move(t), true);
  graph().inputs.push_back(id);
  return id;
}

TensorId Lowering::add_constant(const std::string& name, DType dtype, const Shape& shape, Buffer data) {
  Tensor t;
  t.name = name;
  t.dtype = dtype;
  t.shape = shape;
  const bool aligned = reinterpret_cast<uintptr_t>(data.data()) % kAlignment == 0;
  t.data = aligned ? std::move(data) : Buffer::copy_of(data.bytes());
  return add(std::move(t), true);
}

bool Lowering::may_fold(const Node& node) const {
  for (const TensorId id : node.inputs) {
    if (id != kNoTensor && !lowered_.model.main().tensor(id).is_constant()) return false;
  }
  switch (node.op) {  // work that is not small; constants never pass these in the nets of the field
    case OpCode::CONV_2D:
    case OpCode::DEPTHWISE_CONV_2D:
    case OpCode::FULLY_CONNECTED:
    case OpCode::BATCH_MATMUL:
    case OpCode::RESIZE_BILINEAR:
    case OpCode::AVERAGE_POOL_2D:
    case OpCode::MAX_POOL_2D:
    case OpCode::CUSTOM:
      return false;
    default:
      return !node.inputs.empty();
  }
}

Expected<TensorId> Lowering::emit(const std::string& name, OpCode op, std::vector<TensorId> inputs, DType dtype,
                                  const std::string& table, const Options& options) {
  ML_ASSIGN(const std::vector<TensorId> outputs, emit_many(name, {dtype}, op, std::move(inputs), table, options));
  return outputs[0];
}

Expected<std::vector<TensorId>> Lowering::emit_many(const std::string& name, const std::vector<DType>& dtypes,
                                                    OpCode op, std::vector<TensorId> inputs, const std::string& table,
                                                    const Options& options) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.attributes.set_table(table);
  for (const auto& [field, value] : options) node.attributes.set(field, value);
  for (size_t i = 0; i < dtypes.size(); ++i) {
    Tensor t;
    t.name = i == 0 ? name : name + ":" + std::to_string(i);
    t.dtype = dtypes[i];
    node.outputs.push_back(add(std::move(t), false));
  }
  const std::vector<TensorId> outputs = node.outputs;
  graph().nodes.push_back(std::move(node));
  const size_t index = graph().nodes.size() - 1;
  ML_ASSIGN(const ops::Shapes shapes, ops::infer_node(ops::NodeView(lowered_.model, 0, index, states_)));
  for (size_t i = 0; i < outputs.size(); ++i) {
    states_[static_cast<size_t>(outputs[i])].shape = shapes[i];
    states_[static_cast<size_t>(outputs[i])].has_shape = true;
    graph().tensor(outputs[i]).shape = shapes[i];
  }
  if (may_fold(graph().nodes[index])) ML_TRY(fold_last_node());
  return outputs;
}

Expected<void> Lowering::fold_last_node() {
  const std::vector<TensorId> outputs = graph().nodes.back().outputs;
  const size_t index = graph().nodes.size() - 1;
  std::vector<std::shared_ptr<std::vector<uint64_t>>> memory;
  for (const TensorId id : outputs) {
    const int64_t size = bytes_of(shape(id), tensor(id).dtype);
    if (size == 0) return {};  // a constant without elements cannot be told from a computed tensor
    folded_bytes_ += size;
    if (folded_bytes_ > kMostFoldedBytes) {
      return Unexpected(input_error("", "constants that take more than 1 GiB when computed", "less",
                                    "the file is damaged, or no network that this program converts"));
    }
    memory.push_back(std::make_shared<std::vector<uint64_t>>(static_cast<size_t>(size + 7) / 8));
    states_[static_cast<size_t>(id)].data = reinterpret_cast<std::byte*>(memory.back()->data());
  }
  ML_TRY(ops::find_op(graph().nodes[index])->reference(ops::Evaluation(lowered_.model, 0, index, states_)));
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor& t = graph().tensor(outputs[i]);
    const auto bytes = std::as_bytes(std::span(*memory[i])).first(static_cast<size_t>(bytes_of(t.shape, t.dtype)));
    t.data = Buffer(memory[i], bytes);
  }
  graph().nodes.pop_back();
  return {};
}

std::vector<TensorId> Lowering::emit_unknown(Node node, const std::vector<std::pair<std::string, DType>>& outputs,
                                             const std::vector<Shape>& shapes) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor t;
    t.name = outputs[i].first;
    t.dtype = outputs[i].second;
    if (i < shapes.size()) t.shape = shapes[i];
    node.outputs.push_back(add(std::move(t), i < shapes.size()));
  }
  graph().nodes.push_back(node);
  return node.outputs;
}

Expected<std::vector<int64_t>> Lowering::ints(const tf::Node& n, const std::vector<TensorId>& in, size_t i) {
  const Tensor& t = tensor(in[i]);
  if (!t.is_constant() && t.shape.elements() != 0) {
    return Unexpected(node_error(n, fmt::format("input {} depends on the graph's input", i), "a constant",
                                 "give the input's whole shape with --input_shapes"));
  }
  std::vector<int64_t> all;
  if (t.dtype == DType::int64) return values<int64_t>(in[i]);
  if (t.dtype != DType::int32) {
    return Unexpected(node_error(n, fmt::format("input {} of type {}", i, name(t.dtype)), "int32 or int64"));
  }
  for (const int32_t v : values<int32_t>(in[i])) all.push_back(v);
  return all;
}

Expected<TensorId> Lowering::value_of(const tf::TensorName& name) const {
  const auto it = outputs_.find(name.node);
  if (it != outputs_.end() && it->second == std::vector<TensorId>{kNeverTaken}) return kNeverTaken;
  if (it == outputs_.end() || static_cast<size_t>(name.output) >= it->second.size() ||
      it->second[static_cast<size_t>(name.output)] == kNoTensor) {
    return Unexpected(input_error("", fmt::format("output {} of node \"{}\"", name.output, printable(name.node)),
                                  "an output that the node has and that inference needs"));
  }
  return it->second[static_cast<size_t>(name.output)];
}

Expected<void> Lowering::lower(const tf::Node& n) {
  std::vector<TensorId> in;
  for (const auto& text : n.inputs) {
    const tf::TensorName input = tf::parse_tensor_name(text);
    if (input.is_control) continue;
    auto id = value_of(input);
    if (!id) return Unexpected(id.error().at(node_error(n, "").where));
    if (*id == kNeverTaken && n.op != "Merge") {
      outputs_[n.name].assign(1, kNeverTaken);
      return {};
    }
    in.push_back(*id);
    if (in.size() > kMostInputs) return Unexpected(node_error(n, "more than 4096 inputs", "fewer"));
  }
  LowerFunction function = find_lowering(n.op);
  if (function == nullptr && options_.allow_custom_ops) function = find_lowering("");  // whatever is not known
  if (function == nullptr) {
    return Unexpected(node_error(n, "an operator without a lowering, with " + attributes_text(n),
                                 "one of those in docs/convert.md",
                                 "cut the graph before it with --output_arrays, or keep it as a custom operator with "
                                 "--allow_custom_ops"));
  }
  auto outputs = function(*this, n, in);
  if (!outputs)
    return Unexpected(outputs.error().where.starts_with("node \"") ? outputs.error()
                                                                   : outputs.error().at(node_error(n, "").where));
  outputs_[n.name] = std::move(*outputs);
  return {};
}

std::optional<Shape> stated_shape(const tf::Node& n) {
  const auto* partial = n.attr<tf::PartialShape>("shape");
  if (partial == nullptr || !partial->has_rank) return {};
  Shape shape;
  for (const int64_t d : partial->dims) {
    if (d < 0 || d > INT32_MAX) return {};
    shape.push_back(static_cast<int32_t>(d));
  }
  return shape;
}

Expected<void> Lowering::run(const Selection& selection, const NodeIndex& index) {
  for (const tf::TensorName& input : selection.inputs) {
    const tf::Node* node = index.find(input.node);
    const auto given = std::find_if(options_.input_shapes.begin(), options_.input_shapes.end(),
                                    [&](const InputShape& s) { return s.name == input.node; });
    std::optional<Shape> shape = given != options_.input_shapes.end() ? given->shape : stated_shape(*node);
    if (!shape) {
      return Unexpected(input_error("input array \"" + printable(input.node) + "\"",
                                    "a shape that the graph leaves open", "the shape, as --input_shapes=1,513,513,3"));
    }
    if (!shape->checked_elements() || *shape->checked_elements() > (int64_t{1} << 28)) {
      return Unexpected(
          input_error("input array \"" + printable(input.node) + "\"", "shape " + to_string(*shape), "a sensible one"));
    }
    tf::DataType type = node->attr_or("dtype", node->attr_or("T", node->attr_or("DstT", tf::DataType::float32)));
    ML_ASSIGN(const DType dtype, dtype_of(type));
    outputs_[input.node].assign(static_cast<size_t>(input.output) + 1, kNoTensor);
    outputs_[input.node][static_cast<size_t>(input.output)] = add_input(input.node, dtype, *shape);
  }
  for (const tf::Node* n : selection.nodes) ML_TRY(lower(*n));
  for (const tf::TensorName& output : selection.outputs) {
    auto id = value_of(output);
    if (!id) return Unexpected(id.error().at("output array"));
    if (*id == kNeverTaken)
      return Unexpected(input_error("output array \"" + printable(output.node) + "\"",
                                    "a side of a branch that this graph never takes", "an output of inference"));
    graph().outputs.push_back(*id);
  }
  name_outputs(selection);
  return {};
}

// Where identities stood before an output, its tensor has another node's name: it gets the one that was asked for.
void Lowering::name_outputs(const Selection& selection) {
  const auto& outputs = graph().outputs;
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor& t = graph().tensor(outputs[i]);
    const bool is_named_before = std::find(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(i),
                                           outputs[i]) != outputs.begin() + static_cast<std::ptrdiff_t>(i);
    if (is_named_before || graph().is_input(outputs[i]) || t.is_constant()) continue;
    const tf::TensorName& name = selection.outputs[i];
    t.name = name.output == 0 ? name.node : name.node + ":" + std::to_string(name.output);
  }
}

Expected<TensorId> lower_value(Lowering& l, const std::string& name, const tf::Tensor& value) {
  ML_ASSIGN(const DType dtype, dtype_of(value.dtype));
  Shape shape;
  for (const int64_t d : value.dims) {
    if (d > INT32_MAX) return Unexpected(input_error("", "shape " + tf::to_string(value.dims), "extents below 2^31"));
    shape.push_back(static_cast<int32_t>(d));
  }
  return l.add_constant(name, dtype, shape, value.data);
}

}  // namespace monolite::conversion
