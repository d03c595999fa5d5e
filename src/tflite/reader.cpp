#include "tflite/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "schema_generated.h"
#include "tflite/associated_files.h"
#include "tflite/options.h"

namespace monolite::tflite {
namespace {

constexpr int kMostNestedTables = 64;
constexpr size_t kMostDims = 32;

Error damaged(std::string where, std::string found, std::string expected) {
  return input_error(std::move(where), std::move(found), std::move(expected),
                     "the file is damaged or cut short: fetch or convert it again");
}

// Several vectors of a hostile file may share the same bytes, so that a small file unfolds to a huge model. What is
// copied out of the file is counted, and may not pass a multiple of its size.
class CopyBudget {
 public:
  explicit CopyBudget(size_t file_bytes) : left_(file_bytes * 16 + (size_t{64} << 20)) {}
  bool take(size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  size_t left_;
};

class Reader {
 public:
  Reader(Buffer file, const std::string& name) : file_(std::move(file)), budget_(file_.size_bytes()) {
    model_.path = name;
  }

  Expected<Model> read() {
    ML_TRY(verify());
    root_ = fb::GetModel(file_.data());
    model_.version = root_->version();
    model_.description = text(root_->description());
    ML_TRY(read_external());
    const auto graphs = sized(root_->subgraphs());
    if (graphs == 0) return Unexpected(damaged("subgraphs", "none", "at least one"));
    for (size_t i = 0; i < graphs; ++i) {
      auto graph = read_graph(*root_->subgraphs()->Get(index(i)));
      if (!graph) return Unexpected(graph.error().at("subgraph " + std::to_string(i)));
      model_.graphs.push_back(std::move(*graph));
    }
    ML_TRY(read_metadata());
    ML_TRY(read_signatures());
    if (overdrawn_) return Unexpected(damaged("", "parts that unfold to far more than the file", "a plain model"));
    model_.associated_files = find_archive(file_);
    return std::move(model_);
  }

 private:
  static flatbuffers::uoffset_t index(size_t i) { return static_cast<flatbuffers::uoffset_t>(i); }
  template <class V>
  static size_t sized(const V* vector) {
    return vector == nullptr ? 0 : vector->size();
  }

  Expected<void> verify() {
    const size_t size = file_.size_bytes();
    if (size < 8 || !fb::ModelBufferHasIdentifier(file_.data())) {
      return Unexpected(input_error("", size == 0 ? "an empty file" : "no TFL3 mark at byte 4",
                                    "a TensorFlow Lite model (.tflite)", not_a_model_hint()));
    }
    if (size > FLATBUFFERS_MAX_BUFFER_SIZE) {
      // Only buffers may lie beyond 2 GiB; the flatbuffer itself stands at the start.
      flatbuffers_bytes_ = FLATBUFFERS_MAX_BUFFER_SIZE - 1;
    } else {
      flatbuffers_bytes_ = size;
    }
    const auto most_tables = static_cast<flatbuffers::uoffset_t>(std::min<size_t>(size / 4 + 64, 20'000'000));
    flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(file_.data()), flatbuffers_bytes_,
                                   kMostNestedTables, most_tables);
    if (!fb::VerifyModelBuffer(verifier)) {
      return Unexpected(damaged("", "an offset or a length that points outside of the file", "a whole .tflite file"));
    }
    return {};
  }

  // What somebody who gave another file by mistake probably has.
  std::string not_a_model_hint() const {
    const std::string_view head(reinterpret_cast<const char*>(file_.data()), std::min<size_t>(file_.size_bytes(), 8));
    if (head.substr(0, 2) == "PK") return "this is a ZIP archive: unpack it first";
    if (head.find("PNG") == 1 || head.substr(0, 2) == "\xff\xd8" || head.substr(0, 2) == "BM") {
      return "this is a picture: the model comes first, then the picture";
    }
    if (head.substr(0, 1) == "\x0a")
      return "if this is a frozen graph (.pb), make a .tflite of it with `monolite convert`";
    return "give the .tflite file itself";
  }

  std::string text(const flatbuffers::String* s) {
    if (s == nullptr || !take(s->size())) return {};
    return s->str();
  }

  bool take(size_t bytes) {
    if (budget_.take(bytes)) return true;
    overdrawn_ = true;
    return false;
  }

  template <class T, class V>
  std::vector<T> list(const V* vector) {
    if (vector == nullptr || !take(sizeof(T) * vector->size())) return {};
    using Element = typename V::value_type;
    std::vector<T> values(vector->size());
    // The format's verifier asks four bytes' alignment of every vector, also of one of 8-byte elements.
    for (size_t i = 0; i < values.size(); ++i) {
      Element e;
      std::memcpy(&e, vector->Data() + i * sizeof(Element), sizeof(Element));
      values[i] = static_cast<T>(e);
    }
    return values;
  }

  template <class V>
  Buffer view(const V* vector) const {
    if (vector == nullptr) return {};
    return Buffer(owner(), {reinterpret_cast<const std::byte*>(vector->data()), vector->size()});
  }

  std::shared_ptr<const void> owner() const { return owner_; }

  Expected<Buffer> outside(uint64_t offset, uint64_t size, const std::string& where) const {
    if (offset > file_.size_bytes() || size > file_.size_bytes() - offset) {
      return Unexpected(
          damaged(where, fmt::format("bytes {} to {} of a file of {}", offset, offset + size, file_.size_bytes()),
                  "data inside of the file"));
    }
    return Buffer(owner(), file_.bytes().subspan(offset, size));
  }

  // The bytes of buffer `i`: inside of the flatbuffer, or behind it. Offsets 0 and 1 mean "inside".
  Expected<Buffer> buffer(uint32_t i) {
    if (i >= sized(root_->buffers())) {
      return Unexpected(damaged(fmt::format("buffer {}", i), fmt::format("{} buffers", sized(root_->buffers())),
                                "a buffer of the file"));
    }
    const auto& b = *root_->buffers()->Get(i);
    if (b.offset() > 1) {
      model_.buffers_outside = true;
      return outside(b.offset(), b.size(), fmt::format("buffer {}", i));
    }
    return view(b.data());
  }

  Expected<void> read_external() {
    for (size_t i = 0; i < sized(root_->external_buffer_groups()); ++i) {
      model_.external_buffer_groups.push_back(text(root_->external_buffer_groups()->Get(index(i))->name()));
    }
    for (size_t i = 0; i < sized(root_->external_buffers()); ++i) {
      const auto& e = *root_->external_buffers()->Get(index(i));
      model_.external_buffers.push_back({e.id(), e.group(), e.offset(), e.length(), text(e.packing())});
    }
    return {};
  }

  Expected<Graph> read_graph(const fb::SubGraph& from) {
    Graph graph;
    graph.name = text(from.name());
    graph.debug_metadata_index = from.debug_metadata_index();
    graph.inputs = list<TensorId>(from.inputs());
    graph.outputs = list<TensorId>(from.outputs());
    for (size_t i = 0; i < sized(from.tensors()); ++i) {
      auto tensor = read_tensor(*from.tensors()->Get(index(i)));
      if (!tensor) {
        return Unexpected(tensor.error().at(
            fmt::format("tensor {} \"{}\"", i, printable(text(from.tensors()->Get(index(i))->name())))));
      }
      graph.tensors.push_back(std::move(*tensor));
    }
    for (size_t i = 0; i < sized(from.operators()); ++i) {
      auto node = read_node(*from.operators()->Get(index(i)));
      if (!node) return Unexpected(node.error().at(fmt::format("node {}", i)));
      graph.nodes.push_back(std::move(*node));
    }
    ML_TRY(check_ids(graph));
    return graph;
  }

  Expected<void> check_ids(const Graph& graph) const {
    const auto most = static_cast<TensorId>(graph.tensors.size());
    const auto check = [&](const std::vector<TensorId>& ids, TensorId least,
                           const std::string& where) -> Expected<void> {
      for (const TensorId id : ids) {
        if (id < least || id >= most) {
          return Unexpected(damaged(where, fmt::format("tensor {}", id), fmt::format("one of 0 to {}", most - 1)));
        }
      }
      return {};
    };
    ML_TRY(check(graph.inputs, 0, "inputs"));
    for (const TensorId id : graph.inputs) {  // what is given when the model runs would be written over the file
      const Tensor& t = graph.tensor(id);
      if (!t.is_constant()) continue;
      return Unexpected(damaged("inputs", fmt::format("tensor {} \"{}\", a constant", id, printable(t.name)),
                                "tensors without values of their own"));
    }
    ML_TRY(check(graph.outputs, 0, "outputs"));
    std::vector<bool> is_written(graph.tensors.size());
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& n = graph.nodes[i];
      const std::string where = fmt::format("node {} {}", i, printable(op_name(n)));
      ML_TRY(check(n.inputs, kNoTensor, where + ", inputs"));
      ML_TRY(check(n.outputs, 0, where + ", outputs"));
      ML_TRY(check(n.intermediates, kNoTensor, where + ", intermediates"));
      for (const TensorId id : n.outputs) {
        if (is_written[static_cast<size_t>(id)]) {
          return Unexpected(damaged(where + ", outputs", fmt::format("tensor {}, which is written before", id),
                                    "tensors that one node writes"));
        }
        is_written[static_cast<size_t>(id)] = true;
      }
    }
    return {};
  }

  Expected<Tensor> read_tensor(const fb::Tensor& from) {
    Tensor t;
    t.name = text(from.name());
    t.dtype = static_cast<DType>(from.type());
    if (sized(from.shape()) > kMostDims || sized(from.shape_signature()) > kMostDims) {
      return Unexpected(damaged("shape", fmt::format("{} dimensions", sized(from.shape())), "at most 32"));
    }
    t.shape = Shape(list<int32_t>(from.shape()));
    if (from.shape_signature() != nullptr) t.shape_signature = list<int32_t>(from.shape_signature());
    t.has_rank = from.has_rank();
    t.is_variable = from.is_variable();
    t.external_buffer = from.external_buffer();
    if (from.buffer() != 0) {
      ML_ASSIGN(t.data, buffer(from.buffer()));
    }
    if (from.quantization() != nullptr) t.quantization = read_quantization(*from.quantization());
    for (const int64_t zero_point : t.quantization.zero_point) {
      if (zero_point == static_cast<int32_t>(zero_point)) continue;
      return Unexpected(damaged("quantization", fmt::format("zero point {}", zero_point), "a 32-bit number"));
    }
    if (from.sparsity() != nullptr) t.sparsity = read_sparsity(*from.sparsity());
    for (size_t i = 0; i < sized(from.variant_tensors()); ++i) {
      const auto& v = *from.variant_tensors()->Get(index(i));
      t.variant_types.push_back({Shape(list<int32_t>(v.shape())), static_cast<DType>(v.type()), v.has_rank()});
    }
    ML_TRY(check_constant(t));
    return t;
  }

  // A constant must hold exactly what its shape and type say, or every kernel would read past its end.
  static Expected<void> check_constant(const Tensor& t) {
    if (t.data.empty() || t.sparsity != nullptr) return {};
    if (size_bits(t.dtype) == 0) return {};
    const auto elements = t.shape.checked_elements();
    if (!elements || *elements > (int64_t{1} << 40)) {
      return Unexpected(damaged("shape", to_string(t.shape), "extents of 0 or more, not absurdly large"));
    }
    const auto wanted = static_cast<size_t>(bytes_of(t.shape, t.dtype));
    if (t.data.size_bytes() == wanted) return {};
    return Unexpected(damaged("data", fmt::format("{} bytes", t.data.size_bytes()),
                              fmt::format("{} bytes for {} of shape {}", wanted, name(t.dtype), to_string(t.shape))));
  }

  Quantization read_quantization(const fb::QuantizationParameters& from) {
    Quantization q;
    q.scale = list<float>(from.scale());
    q.zero_point = list<int64_t>(from.zero_point());
    q.min = list<float>(from.min());
    q.max = list<float>(from.max());
    q.dimension = from.quantized_dimension();
    if (const auto* c = from.details_as_CustomQuantization()) {
      q.details = Quantization::Details::custom;
      q.custom = view(c->custom());
    } else if (const auto* b = from.details_as_BlockwiseQuantization()) {
      q.details = Quantization::Details::blockwise;
      q.block_scales = b->scales(), q.block_zero_points = b->zero_points(), q.block_size = b->block_size();
    } else if (const auto* m = from.details_as_MultiAxisQuantization()) {
      q.details = Quantization::Details::multi_axis;
      q.block_scales = m->scales(), q.block_zero_points = m->zero_points(), q.block_size = m->block_size();
      q.dimensions = list<int32_t>(m->quantized_dimensions());
    }
    return q;
  }

  std::vector<int32_t> read_indices(fb::SparseIndexVector kind, const void* from, int& bits) {
    bits = 0;
    if (from == nullptr) return {};
    switch (kind) {
      case fb::SparseIndexVector_Int32Vector:
        bits = 32;
        return list<int32_t>(static_cast<const fb::Int32Vector*>(from)->values());
      case fb::SparseIndexVector_Uint16Vector:
        bits = 16;
        return list<int32_t>(static_cast<const fb::Uint16Vector*>(from)->values());
      case fb::SparseIndexVector_Uint8Vector:
        bits = 8;
        return list<int32_t>(static_cast<const fb::Uint8Vector*>(from)->values());
      default:
        return {};
    }
  }

  std::shared_ptr<const Sparsity> read_sparsity(const fb::SparsityParameters& from) {
    auto s = std::make_shared<Sparsity>();
    s->traversal_order = list<int32_t>(from.traversal_order());
    s->block_map = list<int32_t>(from.block_map());
    for (size_t i = 0; i < sized(from.dim_metadata()); ++i) {
      const auto& m = *from.dim_metadata()->Get(index(i));
      Sparsity::Dimension d;
      d.is_sparse = m.format() == fb::DimensionType_SPARSE_CSR;
      d.dense_size = m.dense_size();
      d.segments = read_indices(m.array_segments_type(), m.array_segments(), d.segments_bits);
      d.indices = read_indices(m.array_indices_type(), m.array_indices(), d.indices_bits);
      s->dimensions.push_back(std::move(d));
    }
    return s;
  }

  Expected<Node> read_node(const fb::Operator& from) {
    if (from.opcode_index() >= sized(root_->operator_codes())) {
      return Unexpected(damaged("opcode_index", std::to_string(from.opcode_index()),
                                fmt::format("less than {}", sized(root_->operator_codes()))));
    }
    const auto& code = *root_->operator_codes()->Get(from.opcode_index());
    Node n;
    // Old files have the code in a byte; where it says 127 (placeholder) or less, the larger of the two counts.
    n.op = static_cast<OpCode>(std::max<int32_t>(code.deprecated_builtin_code(), code.builtin_code()));
    n.custom_code = text(code.custom_code());
    n.version = code.version();
    n.inputs = list<TensorId>(from.inputs());
    n.outputs = list<TensorId>(from.outputs());
    n.intermediates = list<TensorId>(from.intermediates());
    n.mutating_variable_inputs = list<bool>(from.mutating_variable_inputs());
    n.debug_metadata_index = from.debug_metadata_index();
    if (from.builtin_options() != nullptr) {
      n.attributes = read_options({false, from.builtin_options_type()},
                                  *static_cast<const flatbuffers::Table*>(from.builtin_options()));
    } else if (from.builtin_options_2() != nullptr) {
      n.attributes = read_options({true, from.builtin_options_2_type()},
                                  *static_cast<const flatbuffers::Table*>(from.builtin_options_2()));
    }
    if (!take(256)) return n;
    if (from.large_custom_options_offset() > 1) {
      n.large_custom_options = true;
      ML_ASSIGN(n.custom_options,
                outside(from.large_custom_options_offset(), from.large_custom_options_size(), "large_custom_options"));
    } else {
      n.custom_options = view(from.custom_options());
    }
    return n;
  }

  Expected<void> read_metadata() {
    for (size_t i = 0; i < sized(root_->metadata()); ++i) {
      const auto& m = *root_->metadata()->Get(index(i));
      ML_ASSIGN(Buffer bytes, buffer(m.buffer()));
      model_.metadata.emplace_back(text(m.name()), std::move(bytes));
    }
    for (const int32_t i : list<int32_t>(root_->metadata_buffer())) {
      ML_ASSIGN(Buffer bytes, buffer(static_cast<uint32_t>(i)));
      model_.unnamed_metadata.push_back(std::move(bytes));
    }
    return {};
  }

  Expected<void> read_signatures() {
    for (size_t i = 0; i < sized(root_->signature_defs()); ++i) {
      const auto& from = *root_->signature_defs()->Get(index(i));
      Signature s;
      s.key = text(from.signature_key());
      s.graph = from.subgraph_index();
      if (s.graph >= model_.graphs.size()) {
        return Unexpected(damaged("signature \"" + printable(s.key) + "\"", fmt::format("subgraph {}", s.graph),
                                  fmt::format("one of {}", model_.graphs.size())));
      }
      const auto most = model_.graphs[s.graph].tensors.size();
      const auto read_map = [&](const auto* from_map, auto& to) -> Expected<void> {
        for (size_t k = 0; k < sized(from_map); ++k) {
          const auto& entry = *from_map->Get(index(k));
          if (entry.tensor_index() >= most) {
            return Unexpected(damaged("signature \"" + printable(s.key) + "\"",
                                      fmt::format("tensor {}", entry.tensor_index()),
                                      fmt::format("less than {}", most)));
          }
          to.emplace_back(text(entry.name()), static_cast<TensorId>(entry.tensor_index()));
        }
        return {};
      };
      ML_TRY(read_map(from.inputs(), s.inputs));
      ML_TRY(read_map(from.outputs(), s.outputs));
      model_.signatures.push_back(std::move(s));
    }
    return {};
  }

  Buffer file_;
  std::shared_ptr<const void> owner_ = std::make_shared<Buffer>(file_);
  size_t flatbuffers_bytes_ = 0;
  CopyBudget budget_;
  bool overdrawn_ = false;
  const fb::Model* root_ = nullptr;
  Model model_;
};

}  // namespace

Expected<Model> read(Buffer bytes, const std::string& name) {
  auto model = Reader(std::move(bytes), name).read();
  if (!model) return Unexpected(model.error().at(name));
  return model;
}

Expected<Model> read_file(const std::string& path) {
  ML_ASSIGN(Buffer bytes, map_file(path));
  return read(std::move(bytes), path);
}

}  // namespace monolite::tflite
