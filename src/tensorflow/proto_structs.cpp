#include "tensorflow/proto_structs.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "base/text.h"

namespace monolite::tensorflow {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 40;

void silence_protobuf() {
  static const bool done = (google::protobuf::SetLogHandler(nullptr), true);
  (void)done;
}

Expected<void> expect_size(const Buffer& bytes, const std::string& name) {
  if (bytes.size_bytes() <= INT_MAX) return {};
  return Unexpected(input_error(name, with_commas(static_cast<long long>(bytes.size_bytes())) + " bytes",
                                "less than 2 GiB, the format's own limit"));
}

struct FirstError : google::protobuf::io::ErrorCollector {
  std::string text;
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty())
      text = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " + message;
  }
};

// Reads one graph's values; counts what it expands.
class GraphReader {
 public:
  GraphReader(const std::shared_ptr<const void>& owner) : owner_(owner) {}

  Expected<Node> node(const proto::NodeDef& m) {
    Node n;
    n.name = m.name();
    n.op = m.op();
    n.inputs.assign(m.input().begin(), m.input().end());
    n.device = m.device();
    for (const auto& [key, value] : m.attr()) {
      auto attr = this->attr(value);
      if (!attr)
        return Unexpected(attr.error().at("node \"" + printable(m.name()) + "\", attribute " + printable(key)));
      if (*attr) n.attrs.emplace(key, std::move(**attr));
    }
    return n;
  }

 private:
  // Nothing for a kind of value that no lowering asks for.
  Expected<std::optional<AttrValue>> attr(const proto::AttrValue& v) {
    switch (v.value_case()) {
      case proto::AttrValue::kS:
        return AttrValue(std::string(v.s()));
      case proto::AttrValue::kI:
        return AttrValue(int64_t{v.i()});
      case proto::AttrValue::kF:
        return AttrValue(v.f());
      case proto::AttrValue::kB:
        return AttrValue(v.b());
      case proto::AttrValue::kType:
        return AttrValue(static_cast<DataType>(v.type()));
      case proto::AttrValue::kShape:
        return AttrValue(shape_of(v.shape()));
      case proto::AttrValue::kFunc:
        return AttrValue(FunctionName{v.func().name()});
      case proto::AttrValue::kTensor: {
        ML_ASSIGN(Tensor t, tensor(v.tensor()));
        return AttrValue(std::move(t));
      }
      case proto::AttrValue::kList:
        return list(v.list());
      default:
        return std::optional<AttrValue>();
    }
  }

  static std::optional<AttrValue> list(const proto::AttrValue::ListValue& l) {
    if (l.s_size() > 0) return AttrValue(std::vector<std::string>(l.s().begin(), l.s().end()));
    if (l.f_size() > 0) return AttrValue(std::vector<float>(l.f().begin(), l.f().end()));
    if (l.b_size() > 0) return AttrValue(std::vector<bool>(l.b().begin(), l.b().end()));
    if (l.type_size() > 0) {
      std::vector<DataType> types;
      for (const int t : l.type()) types.push_back(static_cast<DataType>(t));
      return AttrValue(std::move(types));
    }
    if (l.shape_size() > 0) {
      std::vector<PartialShape> shapes;
      for (const auto& s : l.shape()) shapes.push_back(shape_of(s));
      return AttrValue(std::move(shapes));
    }
    return AttrValue(std::vector<int64_t>(l.i().begin(), l.i().end()));  // an empty list is one of anything
  }

  Expected<Tensor> tensor(const proto::TensorProto& m) {
    Tensor t;
    t.dtype = static_cast<DataType>(m.dtype());
    for (const auto& d : m.tensor_shape().dim()) t.dims.push_back(d.size());
    const auto elements = checked_elements(t.dims);
    if (!elements || m.tensor_shape().unknown_rank()) {
      return Unexpected(input_error("", "a constant of shape " + to_string(t.dims), "a known shape of sensible size"));
    }
    if (t.dtype == DataType::string) return strings(m, std::move(t), *elements);
    const int64_t element_size = size_bytes(t.dtype);
    if (element_size == 0) return t;  // resources and variants have no values in a file
    const int64_t size = *elements * element_size;
    if (!m.tensor_content().empty()) {
      if (static_cast<int64_t>(m.tensor_content().size()) != size) {
        return Unexpected(misfit(t, std::to_string(m.tensor_content().size()) + " bytes", size));
      }
      const auto& content = m.tensor_content();
      t.data = Buffer(owner_, std::as_bytes(std::span(content.data(), content.size())));
      return t;
    }
    expanded_ += size;
    if (expanded_ > kMostExpandedBytes) {
      return Unexpected(input_error("", "constants given by a single value that take more than 1 GiB",
                                    "smaller constants",
                                    "the file is damaged, or no network that this program converts"));
    }
    ML_TRY(expand(m, t, *elements));
    return t;
  }

  Expected<Tensor> strings(const proto::TensorProto& m, Tensor t, int64_t elements) {
    t.strings.assign(m.string_val().begin(), m.string_val().end());
    const auto held = static_cast<int64_t>(t.strings.size());
    if (held != elements && !(held == 1 && elements > 1))
      return Unexpected(misfit(t, std::to_string(held) + " strings", elements));
    return t;
  }

  static Error misfit(const Tensor& t, const std::string& found, int64_t expected) {
    return input_error("", found + " for a constant " + name(t.dtype) + " " + to_string(t.dims),
                       std::to_string(expected) + (t.dtype == DataType::string ? "" : " bytes"),
                       "the file is damaged; copy or export it again");
  }

  Expected<void> expand(const proto::TensorProto& m, Tensor& t, int64_t elements) {
    switch (t.dtype) {
      case DataType::float32:
        return fill<float>(m.float_val(), t, elements);
      case DataType::float64:
        return fill<double>(m.double_val(), t, elements);
      case DataType::int32:
      case DataType::qint32:
        return fill<int32_t>(m.int_val(), t, elements);
      case DataType::int16:
      case DataType::uint16:
      case DataType::qint16:
      case DataType::quint16:
        return fill<uint16_t>(m.int_val(), t, elements);
      case DataType::int8:
      case DataType::uint8:
      case DataType::qint8:
      case DataType::quint8:
        return fill<uint8_t>(m.int_val(), t, elements);
      case DataType::boolean:
        return fill<uint8_t>(m.bool_val(), t, elements);
      case DataType::int64:
        return fill<int64_t>(m.int64_val(), t, elements);
      case DataType::uint32:
        return fill<uint32_t>(m.uint32_val(), t, elements);
      case DataType::uint64:
        return fill<uint64_t>(m.uint64_val(), t, elements);
      case DataType::float16:
      case DataType::bfloat16:
        return fill<uint16_t>(m.half_val(), t, elements);
      default:
        return Unexpected(input_error("", "a constant of type " + name(t.dtype), "real numbers, integers or strings"));
    }
  }

  // The last value given stands for all that are left out; none at all means 0.
  template <class T, class Values>
  static Expected<void> fill(const Values& values, Tensor& t, int64_t elements) {
    if (values.size() > elements) {
      return Unexpected(misfit(t, std::to_string(values.size()) + " values", elements * int64_t{sizeof(T)}));
    }
    const T last = values.empty() ? T{} : static_cast<T>(values.Get(values.size() - 1));
    std::vector<T> all(static_cast<size_t>(elements), last);
    for (int i = 0; i < values.size(); ++i) all[static_cast<size_t>(i)] = static_cast<T>(values.Get(i));
    t.data = Buffer::of(std::move(all));
    return {};
  }

  std::shared_ptr<const void> owner_;
  int64_t expanded_ = 0;
};

void set_tensor(proto::TensorProto& m, const Tensor& t) {
  m.set_dtype(static_cast<proto::DataType>(t.dtype));
  set_shape(*m.mutable_tensor_shape(), t.dims);
  for (const auto& s : t.strings) m.add_string_val(s);
  if (t.data.size_bytes() == 4 && t.dims.empty() && t.dtype == DataType::float32) {
    m.add_float_val(t.data.get<float>(0));
  } else if (t.data.size_bytes() == 4 && t.dims.empty() && t.dtype == DataType::int32) {
    m.add_int_val(t.data.get<int32_t>(0));
  } else if (!t.data.empty()) {
    m.set_tensor_content(t.data.data(), t.data.size_bytes());
  }
}

struct AttrWriter {
  proto::AttrValue& to;
  void operator()(bool v) const { to.set_b(v); }
  void operator()(int64_t v) const { to.set_i(v); }
  void operator()(float v) const { to.set_f(v); }
  void operator()(const std::string& v) const { to.set_s(v); }
  void operator()(DataType v) const { to.set_type(static_cast<proto::DataType>(v)); }
  void operator()(const PartialShape& v) const { shape(*to.mutable_shape(), v); }
  void operator()(const Tensor& v) const { set_tensor(*to.mutable_tensor(), v); }
  void operator()(const FunctionName& v) const { to.mutable_func()->set_name(v.name); }
  void operator()(const std::vector<bool>& v) const {
    for (const bool x : v) to.mutable_list()->add_b(x);
  }
  void operator()(const std::vector<int64_t>& v) const {
    to.mutable_list();
    for (const int64_t x : v) to.mutable_list()->add_i(x);
  }
  void operator()(const std::vector<float>& v) const {
    for (const float x : v) to.mutable_list()->add_f(x);
  }
  void operator()(const std::vector<std::string>& v) const {
    for (const auto& x : v) to.mutable_list()->add_s(x);
  }
  void operator()(const std::vector<DataType>& v) const {
    for (const DataType x : v) to.mutable_list()->add_type(static_cast<proto::DataType>(x));
  }
  void operator()(const std::vector<PartialShape>& v) const {
    for (const auto& x : v) shape(*to.mutable_list()->add_shape(), x);
  }
  static void shape(proto::TensorShapeProto& m, const PartialShape& s) {
    m.set_unknown_rank(!s.has_rank);
    set_shape(m, s.dims);
  }
};

void set_node(proto::NodeDef& m, const Node& n) {
  m.set_name(n.name);
  m.set_op(n.op);
  for (const auto& input : n.inputs) m.add_input(input);
  m.set_device(n.device);
  for (const auto& [key, value] : n.attrs) std::visit(AttrWriter{(*m.mutable_attr())[key]}, value);
}

Expected<Function> function_of(const proto::FunctionDef& m, GraphReader& reader) {
  Function f;
  f.name = m.signature().name();
  for (const auto& a : m.signature().input_arg()) {
    f.inputs.push_back(a.name());
    f.input_types.push_back(static_cast<DataType>(a.type()));
  }
  for (const auto& a : m.signature().output_arg()) {
    const auto it = m.ret().find(a.name());
    f.outputs.emplace_back(a.name(), it == m.ret().end() ? "" : it->second);
  }
  for (const auto& n : m.node_def()) {
    ML_ASSIGN(Node node, reader.node(n));
    f.nodes.push_back(std::move(node));
  }
  return f;
}

}  // namespace

Expected<void> parse_binary(const Buffer& bytes, const std::string& name, const char* kind,
                            google::protobuf::Message& message) {
  silence_protobuf();
  ML_TRY(expect_size(bytes, name));
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size_bytes()))) return {};
  return Unexpected(input_error(name, bytes.empty() ? "an empty file" : std::string("bytes that are no ") + kind,
                                std::string("a binary or text ") + kind,
                                "check that it was copied whole and names the right file"));
}

Expected<void> parse_text(const Buffer& bytes, const std::string& name, const char* kind,
                          google::protobuf::Message& message) {
  silence_protobuf();
  ML_TRY(expect_size(bytes, name));
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size_bytes()));
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(64);
  if (parser.Parse(&stream, &message)) {
    // Strings of the format are UTF-8. The binary parser refuses others, the text parser lets them pass.
    const std::unique_ptr<google::protobuf::Message> binary(message.New());
    if (binary->ParseFromString(message.SerializeAsString())) return {};
    return Unexpected(
        input_error(name, "a name that is not UTF-8", std::string("a ") + kind + " in protobuf's text form"));
  }
  return Unexpected(input_error(name,
                                error.text.empty() ? std::string("text that is no ") + kind : printable(error.text),
                                std::string("a ") + kind + " in protobuf's text form"));
}

bool looks_like_text(const Buffer& bytes) {
  constexpr size_t kLook = 1024;
  const auto head = bytes.bytes().first(std::min(bytes.size_bytes(), kLook));
  return !head.empty() && std::all_of(head.begin(), head.end(), [](std::byte b) {
    const auto c = static_cast<unsigned char>(b);
    return c >= 32 || c == '\n' || c == '\t' || c == '\r';
  });
}

std::optional<int64_t> checked_elements(const std::vector<int64_t>& dims) {
  int64_t n = 1;
  bool is_empty = false;
  for (const int64_t d : dims) {
    if (d < 0 || d > kMostElements) return {};
    if (d == 0) is_empty = true;
    if (d > 0 && n > kMostElements / d) return {};
    if (d > 0) n *= d;
  }
  return is_empty ? 0 : n;
}

PartialShape shape_of(const proto::TensorShapeProto& message) {
  PartialShape s;
  s.has_rank = !message.unknown_rank();
  for (const auto& d : message.dim()) s.dims.push_back(d.size());
  return s;
}

void set_shape(proto::TensorShapeProto& message, const std::vector<int64_t>& dims) {
  for (const int64_t d : dims) message.add_dim()->set_size(d);
}

Expected<Graph> graph_of(const proto::GraphDef& message, const std::shared_ptr<const void>& owner,
                         const std::string& name) {
  Graph g;
  g.producer = message.versions().producer() != 0 ? message.versions().producer() : message.version();
  GraphReader reader(owner);
  g.nodes.reserve(static_cast<size_t>(message.node_size()));
  for (const auto& m : message.node()) {
    auto node = reader.node(m);
    if (!node) return Unexpected(node.error().at(name));
    g.nodes.push_back(std::move(*node));
  }
  for (const auto& m : message.library().function()) {
    auto function = function_of(m, reader);
    if (!function)
      return Unexpected(function.error().at(name + ", function \"" + printable(m.signature().name()) + "\""));
    g.functions.push_back(std::move(*function));
  }
  return g;
}

void set_graph(proto::GraphDef& message, const Graph& graph) {
  message.mutable_versions()->set_producer(graph.producer);
  for (const Node& n : graph.nodes) set_node(*message.add_node(), n);
}

}  // namespace monolite::tensorflow
