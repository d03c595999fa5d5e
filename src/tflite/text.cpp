#include "tflite/text.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite::tflite {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? static_cast<uint32_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

// Throws std::invalid_argument, as the readers below do: from_text() makes an Error of it.
std::vector<std::byte> from_base64(const std::string& text) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const char* at = std::char_traits<char>::find(kDigits, 64, c);
    if (at == nullptr) throw std::invalid_argument("a character that is not base64's");
    group = group << 6 | static_cast<uint32_t>(at - kDigits);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::byte>(group >> bits & 255));
  }
  return bytes;
}

Json bytes_json(const Buffer& b) { return {{"base64", to_base64(b.bytes())}}; }

Buffer bytes_of(const Json& j) { return Buffer::of(from_base64(j.at("base64").get<std::string>())); }

// Nothing where the bytes stand elsewhere: see share_bytes().
Buffer stored_bytes(const Json& j) { return j.contains("id") && !j.contains("base64") ? Buffer() : bytes_of(j); }

// JSON's own conversions cut what does not fit.
template <class T>
T whole(const Json& j) {
  const bool fits = j.is_number_unsigned() ? std::in_range<T>(j.get<uint64_t>())
                                           : j.is_number_integer() && std::in_range<T>(j.get<int64_t>());
  if (!fits) throw std::invalid_argument(fmt::format("{} for a whole number of {} bits", j.dump(), 8 * sizeof(T)));
  return static_cast<T>(j.get<int64_t>());
}

template <class T>
std::vector<T> wholes(const Json& j) {
  if (!j.is_array()) throw std::invalid_argument("no list where one of whole numbers should be");
  std::vector<T> all;
  for (const Json& one : j) all.push_back(whole<T>(one));
  return all;
}

Json text_json(const std::string& text) {
  Json j = text;
  try {
    (void)j.dump();
    return j;
  } catch (const Json::type_error&) {  // no UTF-8
    return {{"base64", to_base64(std::as_bytes(std::span(text)))}};
  }
}

std::string text_of(const Json& j) {
  if (j.is_string()) return j.get<std::string>();
  const auto bytes = from_base64(j.at("base64").get<std::string>());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Real, class Bits>
Json real_json(Real value) {
  if (std::isfinite(value)) return static_cast<double>(value);
  return {{"bits", std::bit_cast<Bits>(value)}};
}

template <class Real, class Bits>
Real real_of(const Json& j) {
  if (j.is_object()) return std::bit_cast<Real>(whole<Bits>(j.at("bits")));
  const auto value = j.get<double>();
  if (std::abs(value) > std::numeric_limits<Real>::max()) throw std::invalid_argument(j.dump() + " for a 32-bit float");
  return static_cast<Real>(value);
}

Json floats_json(const std::vector<float>& values) {
  Json all = Json::array();
  for (const float v : values) all.push_back(real_json<float, uint32_t>(v));
  return all;
}

std::vector<float> floats_of(const Json& j) {
  std::vector<float> all;
  for (const Json& v : j) all.push_back(real_of<float, uint32_t>(v));
  return all;
}

Json attribute_json(const AttributeValue& value) {
  struct {
    Json operator()(bool b) const { return b; }
    Json operator()(int64_t i) const { return i; }
    Json operator()(double d) const { return {{"real", real_json<double, uint64_t>(d)}}; }
    Json operator()(const std::string& s) const { return text_json(s); }
    Json operator()(const std::vector<int64_t>& v) const { return v; }
    Json operator()(const std::vector<double>& v) const {
      Json all = Json::array();
      for (const double d : v) all.push_back(real_json<double, uint64_t>(d));
      return {{"reals", all}};
    }
  } to;
  return std::visit(to, value);
}

AttributeValue attribute_of(const Json& j) {
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number()) return whole<int64_t>(j);
  if (j.is_array()) return wholes<int64_t>(j);
  if (j.is_object() && j.contains("real")) return real_of<double, uint64_t>(j.at("real"));
  if (j.is_object() && j.contains("reals")) {
    std::vector<double> all;
    for (const Json& v : j.at("reals")) all.push_back(real_of<double, uint64_t>(v));
    return all;
  }
  return text_of(j);
}

Json to_json(const Attributes& a) {
  Json values = Json::object();
  for (const auto& [name, value] : a.values()) values[name] = attribute_json(value);
  return {{"table", text_json(a.table())}, {"values", values}};
}

Attributes attributes_of(const Json& j) {
  Attributes a(text_of(j.at("table")));
  for (const auto& [name, value] : j.at("values").items()) a.set(name, attribute_of(value));
  return a;
}

Json to_json(const Quantization& q) {
  Json j = {{"scale", floats_json(q.scale)}, {"zero_point", q.zero_point}, {"dimension", q.dimension}};
  j["min"] = floats_json(q.min);
  j["max"] = floats_json(q.max);
  if (q.details == Quantization::Details::none) return j;
  j["details"] = static_cast<int>(q.details);
  j["custom"] = bytes_json(q.custom);
  j["blockwise"] = {q.block_scales, q.block_zero_points, q.block_size};
  j["dimensions"] = q.dimensions;
  return j;
}

Quantization quantization_of(const Json& j) {
  Quantization q;
  q.scale = floats_of(j.at("scale"));
  q.zero_point = wholes<int64_t>(j.at("zero_point"));
  q.dimension = whole<int32_t>(j.at("dimension"));
  q.min = floats_of(j.at("min"));
  q.max = floats_of(j.at("max"));
  if (!j.contains("details")) return q;
  const int details = whole<int>(j.at("details"));
  if (details < 0 || details > static_cast<int>(Quantization::Details::multi_axis)) {
    throw std::invalid_argument("quantization details of an unknown kind");
  }
  q.details = static_cast<Quantization::Details>(details);
  q.custom = bytes_of(j.at("custom"));
  q.block_scales = whole<int32_t>(j.at("blockwise").at(0));
  q.block_zero_points = whole<int32_t>(j.at("blockwise").at(1));
  q.block_size = whole<int32_t>(j.at("blockwise").at(2));
  q.dimensions = wholes<int32_t>(j.at("dimensions"));
  return q;
}

Json to_json(const Sparsity& s) {
  Json dimensions = Json::array();
  for (const Sparsity::Dimension& d : s.dimensions) {
    dimensions.push_back({{"sparse", d.is_sparse},
                          {"dense_size", d.dense_size},
                          {"segments_bits", d.segments_bits},
                          {"indices_bits", d.indices_bits},
                          {"segments", d.segments},
                          {"indices", d.indices}});
  }
  return {{"traversal_order", s.traversal_order}, {"block_map", s.block_map}, {"dimensions", dimensions}};
}

Sparsity sparsity_of(const Json& j) {
  Sparsity s;
  s.traversal_order = wholes<int32_t>(j.at("traversal_order"));
  s.block_map = wholes<int32_t>(j.at("block_map"));
  for (const Json& d : j.at("dimensions")) {
    s.dimensions.push_back({d.at("sparse").get<bool>(), whole<int32_t>(d.at("dense_size")),
                            whole<int>(d.at("segments_bits")), whole<int>(d.at("indices_bits")),
                            wholes<int32_t>(d.at("segments")), wholes<int32_t>(d.at("indices"))});
  }
  return s;
}

Json to_json(const Tensor& t) {
  Json j = {{"name", text_json(t.name)}, {"dtype", static_cast<int>(t.dtype)}, {"shape", t.shape.dims()}};
  if (t.shape_signature) j["shape_signature"] = *t.shape_signature;
  if (t.has_rank) j["has_rank"] = true;
  j["quantization"] = to_json(t.quantization);
  if (t.is_variable) j["variable"] = true;
  if (t.sparsity) j["sparsity"] = to_json(*t.sparsity);
  for (const VariantType& v : t.variant_types) {
    j["variant_types"].push_back(
        {{"shape", v.shape.dims()}, {"dtype", static_cast<int>(v.dtype)}, {"has_rank", v.has_rank}});
  }
  if (t.external_buffer != 0) j["external_buffer"] = t.external_buffer;
  if (t.is_constant()) j["data"] = bytes_json(t.data);
  return j;
}

DType dtype_of(const Json& j) {
  const int value = whole<int>(j);
  if (value < INT8_MIN || value > INT8_MAX) throw std::invalid_argument("a dtype that is none");
  return static_cast<DType>(value);
}

Tensor tensor_of(const Json& j) {
  Tensor t{.name = text_of(j.at("name")), .dtype = dtype_of(j.at("dtype"))};
  t.shape = Shape(wholes<int32_t>(j.at("shape")));
  if (j.contains("shape_signature")) t.shape_signature = wholes<int32_t>(j.at("shape_signature"));
  t.has_rank = j.value("has_rank", false);
  t.quantization = quantization_of(j.at("quantization"));
  t.is_variable = j.value("variable", false);
  if (j.contains("sparsity")) t.sparsity = std::make_shared<const Sparsity>(sparsity_of(j.at("sparsity")));
  if (j.contains("variant_types")) {
    for (const Json& v : j.at("variant_types")) {
      t.variant_types.push_back(
          {Shape(wholes<int32_t>(v.at("shape"))), dtype_of(v.at("dtype")), v.at("has_rank").get<bool>()});
    }
  }
  if (j.contains("external_buffer")) t.external_buffer = whole<uint32_t>(j.at("external_buffer"));
  if (j.contains("data")) t.data = stored_bytes(j.at("data"));
  return t;
}

Json to_json(const Node& n) {
  // The name is for the eye where there is a number that says the same.
  Json j = {{"op", text_json(op_name(n))}, {"code", static_cast<int>(n.op)}};
  if (!n.custom_code.empty()) j["custom_code"] = text_json(n.custom_code);
  j["version"] = n.version;
  j["inputs"] = n.inputs;
  j["outputs"] = n.outputs;
  if (!n.intermediates.empty()) j["intermediates"] = n.intermediates;
  j["options"] = to_json(n.attributes);
  if (!n.custom_options.empty()) j["custom_options"] = bytes_json(n.custom_options);
  if (n.large_custom_options) j["large_custom_options"] = true;
  if (!n.mutating_variable_inputs.empty()) j["mutating_variable_inputs"] = n.mutating_variable_inputs;
  if (n.debug_metadata_index != -1) j["debug_metadata_index"] = n.debug_metadata_index;
  return j;
}

Node node_of(const Json& j) {
  Node n{.op = static_cast<OpCode>(whole<int32_t>(j.at("code")))};
  if (j.contains("custom_code")) n.custom_code = text_of(j.at("custom_code"));
  n.version = whole<int32_t>(j.at("version"));
  n.inputs = wholes<TensorId>(j.at("inputs"));
  n.outputs = wholes<TensorId>(j.at("outputs"));
  if (j.contains("intermediates")) n.intermediates = wholes<TensorId>(j.at("intermediates"));
  n.attributes = attributes_of(j.at("options"));
  if (j.contains("custom_options")) n.custom_options = bytes_of(j.at("custom_options"));
  n.large_custom_options = j.value("large_custom_options", false);
  n.mutating_variable_inputs = j.value("mutating_variable_inputs", std::vector<bool>());
  if (j.contains("debug_metadata_index")) n.debug_metadata_index = whole<int32_t>(j.at("debug_metadata_index"));
  return n;
}

template <class T, class F>
Json list_json(const std::vector<T>& all, F to) {
  Json j = Json::array();
  for (const T& one : all) j.push_back(to(one));
  return j;
}

Json to_json(const Graph& g) {
  return {{"name", text_json(g.name)},
          {"inputs", g.inputs},
          {"outputs", g.outputs},
          {"debug_metadata_index", g.debug_metadata_index},
          {"nodes", list_json(g.nodes, [](const auto& one) { return to_json(one); })},
          {"tensors", list_json(g.tensors, [](const auto& one) { return to_json(one); })}};
}

Graph graph_of(const Json& j) {
  Graph g{.name = text_of(j.at("name"))};
  g.inputs = wholes<TensorId>(j.at("inputs"));
  g.outputs = wholes<TensorId>(j.at("outputs"));
  g.debug_metadata_index = whole<int32_t>(j.at("debug_metadata_index"));
  for (const Json& n : j.at("nodes")) g.nodes.push_back(node_of(n));
  for (const Json& t : j.at("tensors")) g.tensors.push_back(tensor_of(t));
  return g;
}

Json ends_json(const std::vector<std::pair<std::string, TensorId>>& ends) {
  Json j = Json::array();
  for (const auto& [name, id] : ends) j.push_back({text_json(name), id});
  return j;
}

std::vector<std::pair<std::string, TensorId>> ends_of(const Json& j) {
  std::vector<std::pair<std::string, TensorId>> ends;
  for (const Json& end : j) ends.emplace_back(text_of(end.at(0)), whole<TensorId>(end.at(1)));
  return ends;
}

Json to_json(const Signature& s) {
  return {{"key", text_json(s.key)},
          {"inputs", ends_json(s.inputs)},
          {"outputs", ends_json(s.outputs)},
          {"graph", s.graph}};
}

Json to_json(const ExternalBuffer& b) {
  return {
      {"id", b.id}, {"group", b.group}, {"offset", b.offset}, {"length", b.length}, {"packing", text_json(b.packing)}};
}

// Calls f(JSON, bytes) for all bytes that the format keeps in its list of buffers.
template <class J, class M, class F>
void for_buffers(J& j, M& m, const F& f) {
  for (size_t g = 0; g < m.graphs.size(); ++g) {
    for (size_t t = 0; t < m.graphs[g].tensors.size(); ++t) {
      auto& tensor = j.at("graphs").at(g).at("tensors").at(t);
      if (tensor.contains("data")) f(tensor.at("data"), m.graphs[g].tensors[t].data);
    }
  }
  for (size_t i = 0; i < m.metadata.size(); ++i) f(j.at("metadata").at(i).at(1), m.metadata[i].second);
  for (size_t i = 0; i < m.unnamed_metadata.size(); ++i) f(j.at("unnamed_metadata").at(i), m.unnamed_metadata[i]);
}

// Bytes that several tensors share get an "id" where they stand first; the others name it.
void share_bytes(Json& j, const Model& m) {
  std::map<std::pair<const std::byte*, size_t>, std::vector<Json*>> holders;
  std::vector<std::vector<Json*>*> in_order;
  for_buffers(j, m, [&](Json& slot, const Buffer& bytes) {
    if (bytes.empty()) return;
    auto& all = holders[{bytes.data(), bytes.size_bytes()}];
    if (all.empty()) in_order.push_back(&all);
    all.push_back(&slot);
  });
  int id = 0;
  for (const std::vector<Json*>* all : in_order) {
    if (all->size() == 1) continue;
    ++id;
    for (Json* slot : *all) {
      if (slot != all->front()) *slot = Json::object();
      (*slot)["id"] = id;
    }
  }
}

void take_shared_bytes(const Json& j, Model& m) {
  std::map<int, Buffer> known;
  for_buffers(j, m, [&](const Json& slot, Buffer& bytes) {
    if (!slot.contains("id")) return;
    const int id = whole<int>(slot.at("id"));
    if (slot.contains("base64")) {
      known[id] = bytes;
    } else if (const auto it = known.find(id); it != known.end()) {
      bytes = it->second;
    } else {
      throw std::invalid_argument("bytes with an id that nothing before them has");
    }
  });
}

Json to_json(const Model& m) {
  Json j = {{"monolite_text", 1}, {"version", m.version}, {"description", text_json(m.description)}};
  j["signatures"] = list_json(m.signatures, [](const auto& one) { return to_json(one); });
  j["graphs"] = list_json(m.graphs, [](const auto& one) { return to_json(one); });
  j["metadata"] = Json::array();
  for (const auto& [name, data] : m.metadata) j["metadata"].push_back({text_json(name), bytes_json(data)});
  j["unnamed_metadata"] = Json::array();
  for (const Buffer& b : m.unnamed_metadata) j["unnamed_metadata"].push_back(bytes_json(b));
  j["external_buffer_groups"] = Json::array();
  for (const std::string& g : m.external_buffer_groups) j["external_buffer_groups"].push_back(text_json(g));
  j["external_buffers"] = list_json(m.external_buffers, [](const auto& one) { return to_json(one); });
  j["buffers_outside"] = m.buffers_outside;
  j["associated_files"] = bytes_json(m.associated_files);
  share_bytes(j, m);
  return j;
}

Model model_of(const Json& j) {
  if (whole<int>(j.at("monolite_text")) != 1) throw std::invalid_argument("monolite_text is not 1");
  Model m{.version = whole<uint32_t>(j.at("version")), .description = text_of(j.at("description"))};
  for (const Json& s : j.at("signatures")) {
    m.signatures.push_back(
        {text_of(s.at("key")), ends_of(s.at("inputs")), ends_of(s.at("outputs")), whole<uint32_t>(s.at("graph"))});
  }
  for (const Json& g : j.at("graphs")) m.graphs.push_back(graph_of(g));
  if (m.graphs.empty()) throw std::invalid_argument("no graph");
  for (const Json& d : j.at("metadata")) m.metadata.emplace_back(text_of(d.at(0)), stored_bytes(d.at(1)));
  for (const Json& b : j.at("unnamed_metadata")) m.unnamed_metadata.push_back(stored_bytes(b));
  for (const Json& g : j.at("external_buffer_groups")) m.external_buffer_groups.push_back(text_of(g));
  for (const Json& b : j.at("external_buffers")) {
    m.external_buffers.push_back({whole<uint32_t>(b.at("id")), whole<uint32_t>(b.at("group")),
                                  whole<uint64_t>(b.at("offset")), whole<uint64_t>(b.at("length")),
                                  text_of(b.at("packing"))});
  }
  m.buffers_outside = j.at("buffers_outside").get<bool>();
  m.associated_files = bytes_of(j.at("associated_files"));
  take_shared_bytes(j, m);
  return m;
}

// Arrays of numbers stand on one line; so does everything deeper than a tensor's or a node's own fields.
void print(const Json& j, int depth, std::string& out) {
  const bool is_flat =
      depth >= 4 || j.is_primitive() || j.empty() ||
      (j.is_array() && std::all_of(j.begin(), j.end(), [](const Json& v) { return v.is_primitive(); }));
  if (is_flat) {
    out += j.dump();
    return;
  }
  const std::string indent(static_cast<size_t>(depth) + 1, ' ');
  out += j.is_object() ? "{\n" : "[\n";
  bool is_first = true;
  for (const auto& [key, value] : j.items()) {
    if (!is_first) out += ",\n";
    is_first = false;
    out += indent;
    if (j.is_object()) out += Json(key).dump() + ": ";
    print(value, depth + 1, out);
  }
  out += "\n" + indent.substr(1) + (j.is_object() ? "}" : "]");
}

}  // namespace

std::string to_text(const Model& model) {
  std::string out;
  print(to_json(model), 0, out);
  return out + "\n";
}

Expected<Model> from_text(const std::string& text, const std::string& name) {
  const auto refuse = [&](const std::string& found) {
    return Unexpected(input_error(name, found, "the text that `monolite dump` writes"));
  };
  try {
    const Model described = model_of(Json::parse(text));
    ML_ASSIGN(std::vector<std::byte> bytes, write(described));
    return read(Buffer::of(std::move(bytes)), name);
  } catch (const Json::exception& e) {
    return refuse(e.what());
  } catch (const std::invalid_argument& e) {
    return refuse(e.what());
  }
}

}  // namespace monolite::tflite
