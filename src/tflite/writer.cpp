#include "tflite/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "schema_generated.h"
#include "tflite/associated_files.h"
#include "tflite/options.h"

namespace monolite::tflite {
namespace {

using flatbuffers::Offset;

constexpr size_t kAlignment = 16;  // of a buffer's first byte, in the flatbuffer and behind it
constexpr int32_t kPlaceholderCode = 127;

class Writer {
 public:
  // `places`: where each buffer, then each large custom options, stands behind the flatbuffer; empty while not known
  // yet.
  Writer(const Model& model, const std::vector<uint64_t>& places) : model_(model), places_(places) {
    buffers_.push_back({});  // buffer 0 is the empty one
  }

  Expected<std::vector<std::byte>> write() {
    std::vector<Offset<fb::SubGraph>> graphs;
    for (const Graph& graph : model_.graphs) {
      ML_ASSIGN(const auto written, write_graph(graph));
      graphs.push_back(written);
    }
    const auto metadata = write_metadata();
    const auto unnamed = write_unnamed_metadata();
    const auto signatures = write_signatures();
    const auto groups = write_external_groups();
    const auto externals = write_external_buffers();
    const auto codes = write_codes();
    const auto buffers = write_buffers();
    const auto graph_vector = b_.CreateVector(graphs);
    const auto description = b_.CreateString(model_.description);
    fb::ModelBuilder m(b_);
    m.add_version(model_.version);
    m.add_operator_codes(codes);
    m.add_subgraphs(graph_vector);
    m.add_description(description);
    m.add_buffers(buffers);
    if (!model_.unnamed_metadata.empty()) m.add_metadata_buffer(unnamed);
    if (!model_.metadata.empty()) m.add_metadata(metadata);
    if (!model_.signatures.empty()) m.add_signature_defs(signatures);
    if (!model_.external_buffer_groups.empty()) m.add_external_buffer_groups(groups);
    if (!model_.external_buffers.empty()) m.add_external_buffers(externals);
    fb::FinishModelBuffer(b_, m.Finish());
    const auto* data = reinterpret_cast<const std::byte*>(b_.GetBufferPointer());
    return std::vector<std::byte>(data, data + b_.GetSize());
  }

  // What stands behind the flatbuffer, in the order of `places`.
  std::vector<Buffer> outside() const {
    std::vector<Buffer> all;
    if (model_.buffers_outside) all.assign(buffers_.begin() + 1, buffers_.end());
    all.insert(all.end(), large_options_.begin(), large_options_.end());
    return all;
  }

 private:
  // The k-th place; a value beyond 1 while it is not known, so that both passes make tables of the same size.
  uint64_t place(size_t k) const { return k < places_.size() ? places_[k] : 2; }

  uint32_t buffer_index(const Buffer& data) {
    if (data.empty()) return 0;
    const auto [it, is_new] = index_of_.try_emplace({data.data(), data.size_bytes()}, buffers_.size());
    if (is_new) buffers_.push_back(data);
    return static_cast<uint32_t>(it->second);
  }

  uint32_t code_index(const Node& node) {
    const auto key = std::make_tuple(static_cast<int32_t>(node.op), node.custom_code, node.version);
    const auto [it, is_new] = code_of_.try_emplace(key, codes_.size());
    if (is_new) codes_.push_back(key);
    return static_cast<uint32_t>(it->second);
  }

  Expected<Offset<fb::SubGraph>> write_graph(const Graph& graph) {
    std::vector<Offset<fb::Tensor>> tensors;
    for (const Tensor& tensor : graph.tensors) tensors.push_back(write_tensor(tensor));
    std::vector<Offset<fb::Operator>> nodes;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      auto node = write_node(graph.nodes[i]);
      if (!node) return Unexpected(node.error().at(fmt::format("node {} {}", i, op_name(graph.nodes[i]))));
      nodes.push_back(*node);
    }
    const auto tensor_vector = b_.CreateVector(tensors);
    const auto inputs = b_.CreateVector(graph.inputs);
    const auto outputs = b_.CreateVector(graph.outputs);
    const auto node_vector = b_.CreateVector(nodes);
    return fb::CreateSubGraph(b_, tensor_vector, inputs, outputs, node_vector,
                              graph.name.empty() ? 0 : b_.CreateString(graph.name), graph.debug_metadata_index);
  }

  Offset<fb::Tensor> write_tensor(const Tensor& t) {
    const uint32_t buffer = buffer_index(t.data);
    const auto shape = b_.CreateVector(t.shape.dims());
    const auto name = b_.CreateString(t.name);
    const auto quantization = write_quantization(t.quantization);
    const auto sparsity = t.sparsity ? write_sparsity(*t.sparsity) : Offset<fb::SparsityParameters>();
    const auto signature = t.shape_signature ? b_.CreateVector(*t.shape_signature) : Offset<flatbuffers::Vector<int>>();
    std::vector<Offset<fb::VariantSubType>> variants;
    for (const VariantType& v : t.variant_types) {
      variants.push_back(fb::CreateVariantSubType(b_, b_.CreateVector(v.shape.dims()),
                                                  static_cast<fb::TensorType>(v.dtype), v.has_rank));
    }
    const auto variant_vector = variants.empty() ? 0 : b_.CreateVector(variants);
    return fb::CreateTensor(b_, shape, static_cast<fb::TensorType>(t.dtype), buffer, name, quantization, t.is_variable,
                            sparsity, signature, t.has_rank, variant_vector, t.external_buffer);
  }

  template <class T>
  Offset<flatbuffers::Vector<T>> list(const std::vector<T>& values) {
    return values.empty() ? Offset<flatbuffers::Vector<T>>() : b_.CreateVector(values);
  }

  Offset<flatbuffers::Vector<uint8_t>> aligned_bytes(const Buffer& bytes) {
    b_.ForceVectorAlignment(bytes.size_bytes(), 1, kAlignment);
    return b_.CreateVector(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size_bytes());
  }

  Offset<fb::QuantizationParameters> write_quantization(const Quantization& q) {
    using Details = Quantization::Details;
    if (!q.is_quantized() && q.min.empty() && q.max.empty() && q.zero_point.empty() && q.details == Details::none) {
      return 0;
    }
    auto kind = fb::QuantizationDetails_NONE;
    Offset<void> details = 0;
    if (q.details == Details::custom) {
      kind = fb::QuantizationDetails_CustomQuantization;
      details = fb::CreateCustomQuantization(b_, aligned_bytes(q.custom)).Union();
    } else if (q.details == Details::blockwise) {
      kind = fb::QuantizationDetails_BlockwiseQuantization;
      details = fb::CreateBlockwiseQuantization(b_, q.block_scales, q.block_zero_points, q.block_size).Union();
    } else if (q.details == Details::multi_axis) {
      kind = fb::QuantizationDetails_MultiAxisQuantization;
      details =
          fb::CreateMultiAxisQuantization(b_, q.block_scales, q.block_zero_points, q.block_size, list(q.dimensions))
              .Union();
    }
    const auto min = list(q.min), max = list(q.max), scale = list(q.scale);
    const auto zero_point = list(q.zero_point);
    return fb::CreateQuantizationParameters(b_, min, max, scale, zero_point, kind, details, q.dimension);
  }

  std::pair<fb::SparseIndexVector, Offset<void>> write_indices(const std::vector<int32_t>& values, int bits) {
    switch (bits) {
      case 8:
        b_.ForceVectorAlignment(values.size(), 1, 4);
        return {fb::SparseIndexVector_Uint8Vector,
                fb::CreateUint8Vector(b_, b_.CreateVector(std::vector<uint8_t>(values.begin(), values.end()))).Union()};
      case 16:
        b_.ForceVectorAlignment(values.size(), 2, 4);
        return {
            fb::SparseIndexVector_Uint16Vector,
            fb::CreateUint16Vector(b_, b_.CreateVector(std::vector<uint16_t>(values.begin(), values.end()))).Union()};
      case 32:
        return {fb::SparseIndexVector_Int32Vector, fb::CreateInt32Vector(b_, b_.CreateVector(values)).Union()};
      default:
        return {fb::SparseIndexVector_NONE, 0};
    }
  }

  Offset<fb::SparsityParameters> write_sparsity(const Sparsity& s) {
    std::vector<Offset<fb::DimensionMetadata>> dimensions;
    for (const Sparsity::Dimension& d : s.dimensions) {
      const auto [segments_kind, segments] = write_indices(d.segments, d.segments_bits);
      const auto [indices_kind, indices] = write_indices(d.indices, d.indices_bits);
      dimensions.push_back(
          fb::CreateDimensionMetadata(b_, d.is_sparse ? fb::DimensionType_SPARSE_CSR : fb::DimensionType_DENSE,
                                      d.dense_size, segments_kind, segments, indices_kind, indices));
    }
    const auto order = list(s.traversal_order), map = list(s.block_map);
    return fb::CreateSparsityParameters(b_, order, map, b_.CreateVector(dimensions));
  }

  Expected<Offset<fb::Operator>> write_node(const Node& n) {
    OptionsKind kind;
    Offset<void> options = 0;
    if (!n.attributes.table().empty()) {
      const auto known = options_kind(n.attributes.table());
      if (!known) {
        return Unexpected(input_error("options", n.attributes.table(), "options that this version's schema has",
                                      "a newer monolite may know them; other verbs that only read the file work"));
      }
      kind = *known;
      ML_ASSIGN(options, write_options(n.attributes, b_));
    }
    const auto inputs = b_.CreateVector(n.inputs);
    const auto outputs = b_.CreateVector(n.outputs);
    const auto intermediates = list(n.intermediates);
    const auto mutating = n.mutating_variable_inputs.empty() ? Offset<flatbuffers::Vector<uint8_t>>()
                                                             : b_.CreateVector(n.mutating_variable_inputs);
    Offset<flatbuffers::Vector<uint8_t>> custom = 0;
    size_t large = 0;
    if (n.large_custom_options) {
      large_options_.push_back(n.custom_options);
      large = large_options_.size();
    } else if (!n.custom_options.empty()) {
      custom = aligned_bytes(n.custom_options);
    }
    fb::OperatorBuilder o(b_);
    if (large > 0) {
      o.add_large_custom_options_offset(place((model_.buffers_outside ? outside_buffers() : 0) + large - 1));
      o.add_large_custom_options_size(n.custom_options.size_bytes());
    }
    o.add_opcode_index(code_index(n));
    o.add_inputs(inputs);
    o.add_outputs(outputs);
    if (!options.IsNull() && !kind.second) {
      o.add_builtin_options(options);
      o.add_builtin_options_type(static_cast<fb::BuiltinOptions>(kind.type));
    }
    if (!options.IsNull() && kind.second) {
      o.add_builtin_options_2(options);
      o.add_builtin_options_2_type(static_cast<fb::BuiltinOptions2>(kind.type));
    }
    if (!custom.IsNull()) o.add_custom_options(custom);
    if (!mutating.IsNull()) o.add_mutating_variable_inputs(mutating);
    if (!intermediates.IsNull()) o.add_intermediates(intermediates);
    o.add_debug_metadata_index(n.debug_metadata_index);
    return o.Finish();
  }

  // How many buffers will stand outside, so that large options know their place: every distinct one of the model.
  size_t outside_buffers() {
    if (outside_buffers_ == 0) {
      std::map<std::pair<const void*, size_t>, int> distinct;
      const auto count = [&](const Buffer& data) {
        if (!data.empty()) distinct[{data.data(), data.size_bytes()}] = 1;
      };
      for (const Graph& g : model_.graphs) {
        for (const Tensor& t : g.tensors) count(t.data);
      }
      for (const auto& [name, data] : model_.metadata) count(data);
      for (const Buffer& data : model_.unnamed_metadata) count(data);
      outside_buffers_ = distinct.size();
    }
    return outside_buffers_;
  }

  Offset<flatbuffers::Vector<Offset<fb::Metadata>>> write_metadata() {
    std::vector<Offset<fb::Metadata>> all;
    for (const auto& [name, data] : model_.metadata) {
      all.push_back(fb::CreateMetadata(b_, b_.CreateString(name), buffer_index(data)));
    }
    return b_.CreateVector(all);
  }

  Offset<flatbuffers::Vector<int32_t>> write_unnamed_metadata() {
    std::vector<int32_t> all;
    for (const Buffer& data : model_.unnamed_metadata) all.push_back(static_cast<int32_t>(buffer_index(data)));
    return b_.CreateVector(all);
  }

  Offset<flatbuffers::Vector<Offset<fb::SignatureDef>>> write_signatures() {
    std::vector<Offset<fb::SignatureDef>> all;
    const auto write_map = [&](const auto& entries) {
      std::vector<Offset<fb::TensorMap>> map;
      for (const auto& [name, id] : entries) {
        map.push_back(fb::CreateTensorMap(b_, b_.CreateString(name), static_cast<uint32_t>(id)));
      }
      return b_.CreateVector(map);
    };
    for (const Signature& s : model_.signatures) {
      const auto inputs = write_map(s.inputs), outputs = write_map(s.outputs);
      all.push_back(fb::CreateSignatureDef(b_, inputs, outputs, b_.CreateString(s.key), s.graph));
    }
    return b_.CreateVector(all);
  }

  Offset<flatbuffers::Vector<Offset<fb::ExternalBufferGroup>>> write_external_groups() {
    std::vector<Offset<fb::ExternalBufferGroup>> all;
    for (const std::string& name : model_.external_buffer_groups) {
      all.push_back(fb::CreateExternalBufferGroup(b_, b_.CreateString(name)));
    }
    return b_.CreateVector(all);
  }

  Offset<flatbuffers::Vector<Offset<fb::ExternalBuffer>>> write_external_buffers() {
    std::vector<Offset<fb::ExternalBuffer>> all;
    for (const ExternalBuffer& e : model_.external_buffers) {
      all.push_back(fb::CreateExternalBuffer(b_, e.id, e.group, e.offset, e.length,
                                             e.packing.empty() ? 0 : b_.CreateString(e.packing)));
    }
    return b_.CreateVector(all);
  }

  Offset<flatbuffers::Vector<Offset<fb::OperatorCode>>> write_codes() {
    std::vector<Offset<fb::OperatorCode>> all;
    for (const auto& [code, custom, version] : codes_) {
      const auto custom_code = custom.empty() ? 0 : b_.CreateString(custom);
      all.push_back(fb::CreateOperatorCode(b_, static_cast<int8_t>(std::min(code, kPlaceholderCode)), custom_code,
                                           version, static_cast<fb::BuiltinOperator>(code)));
    }
    return b_.CreateVector(all);
  }

  Offset<flatbuffers::Vector<Offset<fb::Buffer>>> write_buffers() {
    std::vector<Offset<fb::Buffer>> all;
    for (size_t i = 0; i < buffers_.size(); ++i) {
      const Buffer& data = buffers_[i];
      if (data.empty()) {
        all.push_back(fb::CreateBuffer(b_));
      } else if (model_.buffers_outside) {
        all.push_back(fb::CreateBuffer(b_, 0, place(i - 1), data.size_bytes()));
      } else {
        all.push_back(fb::CreateBuffer(b_, aligned_bytes(data)));
      }
    }
    return b_.CreateVector(all);
  }

  const Model& model_;
  const std::vector<uint64_t>& places_;
  flatbuffers::FlatBufferBuilder b_{1 << 20};
  std::vector<Buffer> buffers_, large_options_;
  size_t outside_buffers_ = 0;
  std::map<std::pair<const void*, size_t>, size_t> index_of_;
  using Code = std::tuple<int32_t, std::string, int32_t>;
  std::map<Code, size_t> code_of_;
  std::vector<Code> codes_;
};

void pad_to_alignment(std::vector<std::byte>& bytes) {
  bytes.resize((bytes.size() + kAlignment - 1) / kAlignment * kAlignment);
}

// The flatbuffer would pass 2 GiB, where its builder stops.
bool is_too_large(const Model& model) {
  uint64_t total = 0;
  for (const Graph& g : model.graphs) {
    for (const Tensor& t : g.tensors) total += t.data.size_bytes();
  }
  return total > (uint64_t{2000} << 20) && !model.buffers_outside;
}

}  // namespace

Expected<std::vector<std::byte>> write(const Model& model) {
  if (is_too_large(model)) {
    Model outside = model;
    outside.buffers_outside = true;
    return write(outside);
  }
  std::vector<uint64_t> places;
  Writer first(model, places);
  ML_ASSIGN(std::vector<std::byte> bytes, first.write());
  const auto outside = first.outside();
  if (!outside.empty()) {
    // The flatbuffer's size does not depend on the places in it: lay them out behind it and write it once more.
    std::vector<std::byte> behind;
    size_t position = (bytes.size() + kAlignment - 1) / kAlignment * kAlignment;
    for (const Buffer& data : outside) {
      places.push_back(position);
      position = (position + data.size_bytes() + kAlignment - 1) / kAlignment * kAlignment;
    }
    ML_ASSIGN(bytes, Writer(model, places).write());
    for (const Buffer& data : outside) {
      pad_to_alignment(bytes);
      bytes.insert(bytes.end(), data.bytes().begin(), data.bytes().end());
    }
  }
  if (!model.associated_files.empty()) {
    const auto archive = archive_at(model.associated_files, bytes.size());
    bytes.insert(bytes.end(), archive.begin(), archive.end());
  }
  return bytes;
}

Expected<void> write_file(const Model& model, const std::string& path) {
  ML_ASSIGN(const auto bytes, write(model));
  return monolite::write_file(path, bytes);
}

}  // namespace monolite::tflite
