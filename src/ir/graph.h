#pragma once
// The one intermediate representation: TensorFlow Lite's ops and quantization, in structs that can be changed freely.
// A Model owns graphs (subgraphs of the file), a Graph owns tensors and nodes; nodes stand in the order in which they
// run.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "ir/attributes.h"
#include "ir/dtype.h"
#include "ir/op_code.h"
#include "ir/quantization.h"
#include "ir/shape.h"

namespace monolite {

// An index into Graph::tensors. kNoTensor stands for an optional input that is left out.
using TensorId = int32_t;
inline constexpr TensorId kNoTensor = -1;

// How a sparse constant is packed; kept as the file has it.
struct Sparsity {
  struct Dimension {
    bool is_sparse = false;
    int32_t dense_size = 0;
    // Width of the file's vectors in bits: 0 none, 8, 16, 32.
    int segments_bits = 0, indices_bits = 0;
    std::vector<int32_t> segments, indices;
  };
  std::vector<int32_t> traversal_order, block_map;
  std::vector<Dimension> dimensions;
};

// The type inside of a VARIANT tensor.
struct VariantType {
  Shape shape;
  DType dtype = DType::float32;
  bool has_rank = false;
};

struct Tensor {
  std::string name;
  DType dtype = DType::float32;
  Shape shape;                                          // as the file states it; see ops/infer_shapes.h for the truth
  std::optional<std::vector<int32_t>> shape_signature;  // -1 where an extent may change
  bool has_rank = false;
  Quantization quantization;
  Buffer data;  // a constant's elements, little-endian, row-major; empty for everything that is computed
  bool is_variable = false;
  std::shared_ptr<const Sparsity> sparsity;
  std::vector<VariantType> variant_types;
  uint32_t external_buffer = 0;  // an id into Model::external_buffers

  bool is_constant() const { return !data.empty(); }
};

struct Node {
  OpCode op = OpCode::CUSTOM;
  std::string custom_code;  // op == CUSTOM: which one
  int32_t version = 1;
  std::vector<TensorId> inputs, outputs, intermediates;
  Attributes attributes;              // the options table, BuiltinOptions or BuiltinOptions2
  Buffer custom_options;              // op == CUSTOM: a FlexBuffer, or what the custom op understands
  bool large_custom_options = false;  // they lie outside of the flatbuffer
  std::vector<bool> mutating_variable_inputs;
  int32_t debug_metadata_index = -1;
};

// "CONV_2D", or the custom code of a custom op.
std::string op_name(const Node& node);

struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<TensorId> inputs, outputs;
  int32_t debug_metadata_index = -1;

  Tensor& tensor(TensorId id) { return tensors[static_cast<size_t>(id)]; }
  const Tensor& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }

  TensorId add(Tensor tensor);
  // The node that writes `id`, or -1: an input, a constant, a variable.
  int producer(TensorId id) const;
  // The nodes that read `id`, in order, each once.
  std::vector<int> consumers(TensorId id) const;
  bool is_output(TensorId id) const;
  bool is_input(TensorId id) const;
  // Every reader of `from`, and the graph's outputs, take `to` instead.
  void replace_uses(TensorId from, TensorId to);
};

struct Signature {
  std::string key;
  std::vector<std::pair<std::string, TensorId>> inputs, outputs;
  uint32_t graph = 0;
};

struct ExternalBuffer {
  uint32_t id = 0, group = 0;
  uint64_t offset = 0, length = 0;
  std::string packing;
};

struct Model {
  uint32_t version = 3;
  std::string description;
  std::vector<Graph> graphs;  // the first is the one that runs
  std::vector<std::pair<std::string, Buffer>> metadata;
  std::vector<Buffer> unnamed_metadata;  // the format's older, nameless list
  std::vector<Signature> signatures;
  std::vector<std::string> external_buffer_groups;
  std::vector<ExternalBuffer> external_buffers;
  bool buffers_outside = false;  // the file keeps its buffers behind the flatbuffer
  Buffer associated_files;       // a ZIP archive behind the flatbuffer: label files and the like
  std::string path;              // where it came from, for messages

  Graph& main() { return graphs.front(); }
  const Graph& main() const { return graphs.front(); }
};

}  // namespace monolite
