#include "monolite/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "api/receipt.h"
#include "base/text.h"
#include "ops/infer_shapes.h"
#include "ops/op.h"
#include "tflite/metadata.h"
#include "tflite/options.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

std::string quantization_text(const Quantization& q) {
  if (!q.is_quantized()) return {};
  if (q.is_per_channel()) return fmt::format("per channel, {} scales along dimension {}", q.scale.size(), q.dimension);
  const int64_t zero_point = q.zero_point.empty() ? 0 : q.zero_point[0];
  if (zero_point == 0) return fmt::format("{:.6g} * q", q.scale[0]);
  return fmt::format("{:.6g} * (q {} {})", q.scale[0], zero_point < 0 ? '+' : '-', std::abs(zero_point));
}

std::string value_text(const Attributes& attributes, const std::string& field, const AttributeValue& value) {
  struct {
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return fmt::format("{:.6g}", d); }
    std::string operator()(const std::string& s) const { return printable(s); }
    std::string operator()(const std::vector<int64_t>& v) const { return fmt::format("{}", fmt::join(v, ",")); }
    std::string operator()(const std::vector<double>& v) const { return fmt::format("{}", fmt::join(v, ",")); }
  } text;
  if (auto* i = std::get_if<int64_t>(&value)) {
    if (auto named = tflite::option_value_name(attributes.table(), field, *i); !named.empty()) return named;
  }
  return std::visit(text, value);
}

TensorInfo tensor_info(const Graph& graph, int index, const ops::TensorState& state) {
  const Tensor& t = graph.tensor(index);
  TensorInfo info;
  info.index = index;
  info.name = printable(t.name, t.name.size() + 1);
  info.dtype = name(t.dtype);
  info.shape = state.has_shape ? state.shape.dims() : t.shape.dims();
  info.is_shape_known = state.has_shape;
  info.quantization = quantization_text(t.quantization);
  info.is_constant = t.is_constant();
  info.is_variable = t.is_variable;
  const auto elements = Shape(info.shape).checked_elements().value_or(0);
  info.size_bytes = t.is_constant() ? static_cast<int64_t>(t.data.size_bytes()) : elements * size_bits(t.dtype) / 8;
  return info;
}

NodeInfo node_info(const Model& model, size_t index, const ops::Inference& inference) {
  const Node& n = model.main().nodes[index];
  NodeInfo info;
  info.index = static_cast<int>(index);
  info.op = printable(op_name(n));
  const std::string named = n.outputs.empty() ? "" : model.main().tensor(n.outputs[0]).name;
  info.name = printable(named, named.size() + 1);
  info.version = n.version;
  info.inputs.assign(n.inputs.begin(), n.inputs.end());
  info.outputs.assign(n.outputs.begin(), n.outputs.end());
  for (const auto& [field, value] : n.attributes.values()) {
    info.attributes.emplace_back(field, value_text(n.attributes, field, value));
  }
  const ops::OpDef* op = ops::find_op(n);
  const bool is_inferred = std::all_of(n.outputs.begin(), n.outputs.end(), [&](TensorId id) {
    return inference.states[static_cast<size_t>(id)].has_shape;
  });
  if (op != nullptr && is_inferred && !inference.node_errors[index]) {
    info.macs = op->cost(ops::NodeView(model, 0, index, inference.states)).macs;
  }
  return info;
}

// The most bytes of computed tensors that are alive at one time when nodes run in order.
int64_t peak_bytes(const Graph& graph, const std::vector<TensorInfo>& tensors) {
  const auto count = graph.nodes.size();
  std::vector<std::pair<size_t, size_t>> life(graph.tensors.size(), {count + 1, 0});  // first and last node
  const auto use = [&](TensorId id, size_t node) {
    if (id == kNoTensor || graph.tensor(id).is_constant()) return;
    auto& [first, last] = life[static_cast<size_t>(id)];
    first = std::min(first, node);
    last = std::max(last, node);
  };
  for (size_t i = 0; i < count; ++i) {
    for (const TensorId id : graph.nodes[i].inputs) use(id, i);
    for (const TensorId id : graph.nodes[i].outputs) use(id, i);
  }
  for (const TensorId id : graph.inputs) use(id, 0);
  for (const TensorId id : graph.outputs) use(id, count);
  std::vector<int64_t> change(count + 2, 0);
  for (size_t i = 0; i < life.size(); ++i) {
    if (life[i].first > life[i].second) continue;
    change[life[i].first] += tensors[i].size_bytes;
    change[life[i].second + 1] -= tensors[i].size_bytes;
  }
  int64_t live = 0, most = 0;
  for (const int64_t c : change) most = std::max(most, live += c);
  return most;
}

std::vector<std::pair<std::string, int64_t>> histogram(const std::vector<NodeInfo>& nodes) {
  std::map<std::string, int64_t> counts;
  for (const NodeInfo& n : nodes) ++counts[n.op];
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

// "input (x - 127.5) / 127.5, labels in labels.txt"
std::string stated(const Model& model) {
  const auto metadata = tflite::read_metadata(model);
  if (!metadata) return "broken";
  if (!*metadata) return "nothing";
  std::vector<std::string> parts;
  const auto add = [&](const std::string& what, const std::string& said) {
    if (!said.empty()) parts.push_back(what + " " + printable(said, 100));
  };
  add("name", (*metadata)->name);
  for (const tflite::TensorMetadata& in : (*metadata)->inputs) {
    if (in.mean.empty() || in.std.empty()) continue;
    parts.push_back(fmt::format("input (x - {}) / {}", fmt::join(in.mean, ":"), fmt::join(in.std, ":")));
  }
  for (const tflite::TensorMetadata& out : (*metadata)->outputs) {
    for (const std::string& file : out.label_files) add("labels in", file);
  }
  return parts.empty() ? "no normalization, no labels" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

Expected<InspectReport> inspect(const InspectOptions& options) {
  ML_ASSIGN(const Model model, tflite::read_file(options.model));
  const Graph& graph = model.main();
  const ops::Inference inference = ops::infer_shapes(model);
  InspectReport r;
  r.file = options.model;
  r.description = printable(model.description);
  r.subgraphs = static_cast<int>(model.graphs.size());
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    r.tensors.push_back(tensor_info(graph, static_cast<int>(i), inference.states[i]));
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    r.nodes.push_back(node_info(model, i, inference));
    r.totals.macs += r.nodes.back().macs;
    if (inference.node_errors[i]) r.remarks.push_back(to_string(*inference.node_errors[i]));
  }
  r.inputs.assign(graph.inputs.begin(), graph.inputs.end());
  r.outputs.assign(graph.outputs.begin(), graph.outputs.end());
  r.totals.nodes = static_cast<int64_t>(graph.nodes.size());
  for (const Tensor& t : graph.tensors) {
    if (t.is_constant()) r.totals.params += t.shape.checked_elements().value_or(0);
  }
  std::error_code ignored;
  r.totals.bytes = static_cast<int64_t>(std::filesystem::file_size(options.model, ignored));
  r.totals.arena_bytes = peak_bytes(graph, r.tensors);
  r.histogram = histogram(r.nodes);
  for (const auto& [key, data] : model.metadata)
    r.metadata.emplace_back(printable(key),
                            key == "TFLITE_METADATA" ? stated(model) : fmt::format("{} bytes", data.size_bytes()));
  r.receipt = receipt_text(model);
  for (const Signature& s : model.signatures) r.signatures.push_back(printable(s.key));
  return r;
}

}  // namespace monolite
