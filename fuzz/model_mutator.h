#pragma once
// Mutations of models for libFuzzer: what is changed is the graph, so that most of what comes out is a model still.
// Included once by a fuzzer whose input is a .tflite.

#include <random>

#include "bytes.h"
#include "ir/graph.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace monolite::fuzz {

class ModelMutator {
 public:
  ModelMutator(Model& model, uint32_t seed) : g_(model.main()), random_(seed) {}

  void mutate() {
    if (g_.nodes.empty() || g_.tensors.empty()) return;
    switch (below(9)) {
      case 0:
        return change_option();
      case 1:
        return change_type();
      case 2:
        return change_extent();
      case 3:
        return change_scale();
      case 4:
        return change_zero_point();
      case 5:
        return change_constant();
      case 6:
        return change_op();
      case 7:
        return repeat_node();
      default:
        return show_tensor();
    }
  }

  // Appends the nodes of another graph; its first input is one of this graph's tensors where these have a type alike.
  void append(const Graph& other) {
    const auto offset = static_cast<TensorId>(g_.tensors.size());
    const TensorId joint =
        other.inputs.empty() || g_.outputs.empty() ? kNoTensor : g_.outputs[below(g_.outputs.size())];
    const bool joins = joint != kNoTensor && g_.tensor(joint).dtype == other.tensor(other.inputs[0]).dtype;
    for (const Tensor& t : other.tensors) g_.tensors.push_back(t);
    const auto moved = [&](TensorId id) {
      if (id == kNoTensor) return id;
      return joins && id == other.inputs[0] ? joint : id + offset;
    };
    for (const Node& node : other.nodes) {
      g_.nodes.push_back(node);
      for (auto* ids : {&g_.nodes.back().inputs, &g_.nodes.back().outputs, &g_.nodes.back().intermediates}) {
        for (TensorId& id : *ids) id = moved(id);
      }
    }
    for (const TensorId id : other.inputs) {
      if (moved(id) != joint) g_.inputs.push_back(moved(id));
    }
    if (joins) std::erase(g_.outputs, joint);
    for (const TensorId id : other.outputs) g_.outputs.push_back(moved(id));
  }

 private:
  size_t below(size_t count) { return random_() % count; }
  Node& any_node() { return g_.nodes[below(g_.nodes.size())]; }
  Tensor& any_tensor() { return g_.tensors[below(g_.tensors.size())]; }
  template <class T, size_t N>
  T one_of(const T (&values)[N]) {
    return values[below(N)];
  }

  void change_option() {
    Node& node = any_node();
    if (node.attributes.values().empty()) return;
    auto [name, value] = node.attributes.values()[below(node.attributes.values().size())];
    const auto whole = [&] { return one_of<int64_t>({-1, 0, 1, 2, 3, 4, 5, 8, 17, INT32_MAX}); };
    if (auto* b = std::get_if<bool>(&value)) *b = !*b;
    if (auto* i = std::get_if<int64_t>(&value)) *i = whole();
    if (auto* d = std::get_if<double>(&value)) *d = one_of({0.0, 1.0, -1.0, 0.5, 1e-3, 7.0, 1e9});
    if (auto* v = std::get_if<std::vector<int64_t>>(&value); v != nullptr && !v->empty())
      (*v)[below(v->size())] = whole();
    node.attributes.set(name, value);
  }

  void change_type() {
    Tensor& t = any_tensor();
    const DType from = t.dtype;
    const DType to = one_of({DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64});
    // One tensor, or all of its type: most ops want the same of all.
    const bool all = below(2) == 0;
    for (Tensor& each : g_.tensors) {
      if (&each != &t && (!all || each.dtype != from)) continue;
      each.dtype = to;
      if (to != DType::float32 && each.quantization.scale.empty()) each.quantization = per_tensor(0.1f, 0);
      fit_constant(each);
    }
  }

  void change_extent() {
    Tensor& t = any_tensor();
    if (t.shape.rank() == 0) return;
    t.shape[static_cast<int>(below(static_cast<size_t>(t.shape.rank())))] =
        one_of({0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 65});
    fit_constant(t);
  }

  // As many bytes as the shape and type say, repeated or cut.
  static void fit_constant(Tensor& t) {
    if (!t.is_constant() || !t.shape.checked_elements()) return;
    const int64_t bytes = t.shape.elements() * size_bytes(t.dtype);
    if (bytes <= 0 || bytes > 4096) return;
    std::vector<std::byte> data(static_cast<size_t>(bytes));
    const auto from = t.data.bytes();
    for (size_t i = 0; i < data.size(); ++i) data[i] = from[i % from.size()];
    t.data = Buffer::of(std::move(data));
  }

  void change_scale() {
    Tensor& t = any_tensor();
    if (t.quantization.scale.empty()) {
      t.quantization = per_tensor(0.05f, 0);
    } else {
      float& scale = t.quantization.scale[below(t.quantization.scale.size())];
      scale = below(8) == 0 ? one_of({1e-9f, 1.0f / 256, 1.0f / 32768, 1.0f, 1000.0f})
                            : scale * one_of({0.01f, 0.1f, 0.5f, 0.9f, 1.1f, 2.0f, 10.0f, 300.0f});
    }
  }

  void change_zero_point() {
    Quantization& q = any_tensor().quantization;
    if (!q.zero_point.empty()) q.zero_point[below(q.zero_point.size())] = static_cast<int64_t>(below(512)) - 256;
  }

  void change_constant() {
    Tensor& t = any_tensor();
    if (!t.is_constant()) return;
    std::vector<std::byte> data(t.data.bytes().begin(), t.data.bytes().end());
    const auto kind = below(3);
    const auto same = static_cast<std::byte>(one_of({0, 1, 127, 128, 255}));
    if (kind == 0) data[below(data.size())] = static_cast<std::byte>(random_());
    if (kind == 1) {
      for (std::byte& b : data) b = static_cast<std::byte>(random_());
    }
    if (kind == 2) std::fill(data.begin(), data.end(), same);
    t.data = Buffer::of(std::move(data));
  }

  void change_op() {
    Node& node = any_node();
    node.op = node.inputs.size() == 1
                  ? one_of({OpCode::ABS, OpCode::RELU, OpCode::RELU6, OpCode::LOGISTIC, OpCode::TANH,
                            OpCode::HARD_SWISH, OpCode::QUANTIZE, OpCode::DEQUANTIZE, OpCode::SOFTMAX, OpCode::RESHAPE,
                            OpCode::AVERAGE_POOL_2D, OpCode::MAX_POOL_2D, OpCode::SQUEEZE, OpCode::LEAKY_RELU})
                  : one_of({OpCode::ADD, OpCode::SUB, OpCode::MUL, OpCode::MAXIMUM, OpCode::MINIMUM, OpCode::PAD,
                            OpCode::RESIZE_BILINEAR, OpCode::RESIZE_NEAREST_NEIGHBOR, OpCode::MEAN, OpCode::ARG_MAX,
                            OpCode::CONCATENATION, OpCode::TRANSPOSE, OpCode::PRELU, OpCode::STRIDED_SLICE});
    node.attributes = {};
  }

  // A node once more, on what another one wrote.
  void repeat_node() {
    Node copy = any_node();
    if (copy.inputs.empty() || copy.outputs.size() != 1) return;
    std::vector<TensorId> written;
    for (const Node& node : g_.nodes) written.insert(written.end(), node.outputs.begin(), node.outputs.end());
    if (written.empty()) return;
    copy.inputs[0] = written[below(written.size())];
    Tensor out = g_.tensor(copy.outputs[0]);
    out.name += "'";
    copy.outputs[0] = g_.add(std::move(out));
    g_.outputs.push_back(copy.outputs[0]);
    g_.nodes.push_back(std::move(copy));
  }

  // Another output: what lies between nodes is kept for it.
  void show_tensor() {
    const Node& node = any_node();
    if (!node.outputs.empty()) g_.outputs = {node.outputs[0]};
  }

  Graph& g_;
  std::mt19937 random_;
};

}  // namespace monolite::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  using namespace monolite;
  auto model = seed % 4 == 0 ? Expected<Model>() : tflite::read(fuzz::buffer_of(data, size), "fuzz");
  if (seed % 4 == 0 || !model) return LLVMFuzzerMutate(data, size, max_size);
  fuzz::ModelMutator mutator(*model, seed);
  for (unsigned i = 0; i <= seed / 4 % 3; ++i) mutator.mutate();
  const size_t stored = fuzz::store(tflite::write(*model), data, max_size);
  return stored > 0 ? stored : LLVMFuzzerMutate(data, size, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2,
                                            uint8_t* out, size_t max_size, unsigned seed) {
  using namespace monolite;
  auto first = tflite::read(fuzz::buffer_of(data1, size1), "fuzz");
  const auto second = tflite::read(fuzz::buffer_of(data2, size2), "fuzz");
  if (!first || !second) return 0;
  fuzz::ModelMutator(*first, seed).append(second->main());
  return fuzz::store(tflite::write(*first), out, max_size);
}
