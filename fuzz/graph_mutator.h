#pragma once
// Mutations of TensorFlow graphs for libFuzzer: what is changed are nodes, so that most of what comes out is a graph
// still. Where there is none yet, a random one. Included once by a fuzzer whose input is a GraphDef.

#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bytes.h"
#include "random_graph.h"
#include "random_segmenter.h"
#include "random_trained_net.h"
#include "tensorflow/graph_def.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace monolite::fuzz {

class GraphMutator {
 public:
  GraphMutator(tensorflow::Graph& graph, uint32_t seed) : g_(graph), random_(seed) {}

  void mutate() {
    if (g_.nodes.empty()) g_ = random_graph();
    switch (below(12)) {
      case 0:
      case 1:
        return change_attribute();
      case 2:
      case 3:
        return change_op();
      case 4:
      case 5:
        return change_input();
      case 6:
      case 7:
        return change_values();
      case 8:
        return change_extent();
      case 9:
        return below(3) == 0 ? remove_something() : change_values();
      default:
        return repeat_node();
    }
  }

  // Another graph beside this one, with one tensor of this in the place of its placeholder.
  void append(const tensorflow::Graph& other) {
    const std::string prefix = "b" + std::to_string(g_.nodes.size()) + "_";
    const std::string joint = any_name();
    const auto renamed = [&](const std::string& name) {
      return name.starts_with("^") ? "^" + prefix + name.substr(1) : prefix + name;
    };
    std::string placeholder;
    for (tensorflow::Node node : other.nodes) {
      if (node.op == "Placeholder" && !joint.empty()) {
        placeholder = renamed(node.name);
        continue;
      }
      node.name = renamed(node.name);
      for (std::string& input : node.inputs) input = renamed(input);
      g_.nodes.push_back(std::move(node));
    }
    if (placeholder.empty()) return;
    for (tensorflow::Node& node : g_.nodes) {
      for (std::string& input : node.inputs) {
        if (input == placeholder) input = joint;
      }
    }
  }

 private:
  size_t below(size_t count) { return random_() % count; }
  template <class T, size_t N>
  T one_of(const T (&values)[N]) {
    return values[below(N)];
  }
  tensorflow::Node& any_node() { return g_.nodes[below(g_.nodes.size())]; }
  std::string any_name() { return g_.nodes.empty() ? "" : any_node().name; }
  int64_t whole() { return one_of<int64_t>({-2, -1, 0, 1, 1, 2, 2, 3, 4, 5, 8, 17}); }

  tensorflow::Graph random_graph() {
    std::vector<uint8_t> bytes(20 + below(60));
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random_());
    switch (below(3)) {
      case 0:
        return RandomGraph(bytes.data(), bytes.size()).make();
      case 1:
        return RandomSegmenter(bytes.data(), bytes.size(), 17, 12, 0).make();
      default:
        return RandomTrainedNet(bytes.data(), bytes.size()).make();
    }
  }

  void change_attribute() {
    using tensorflow::DataType;
    tensorflow::Node& node = any_node();
    if (node.attrs.empty()) return;
    auto& value = std::next(node.attrs.begin(), static_cast<std::ptrdiff_t>(below(node.attrs.size())))->second;
    if (auto* b = std::get_if<bool>(&value)) *b = !*b;
    if (auto* i = std::get_if<int64_t>(&value)) *i = whole();
    if (auto* f = std::get_if<float>(&value)) *f = one_of({0.0f, 1.0f, -1.0f, 0.5f, 1e-3f, 7.0f, 1e9f});
    if (auto* s = std::get_if<std::string>(&value))
      *s = one_of({"SAME", "VALID", "EXPLICIT", "NHWC", "NCHW", "REFLECT", "SYMMETRIC", "DCR", "ij,jk->ik"});
    if (auto* t = std::get_if<DataType>(&value))
      *t = one_of({DataType::float32, DataType::int32, DataType::int64, DataType::boolean, DataType::uint8});
    if (auto* v = std::get_if<std::vector<int64_t>>(&value)) {
      if (v->empty() || below(6) == 0) v->push_back(whole());
      (*v)[below(v->size())] = whole();
    }
    if (auto* shape = std::get_if<tensorflow::PartialShape>(&value)) change_dims(shape->dims);
  }

  void change_dims(std::vector<int64_t>& dims) {
    if (dims.empty() || below(20) == 0) {
      dims.insert(dims.begin(), 1);
    } else if (below(20) == 0) {
      dims.erase(dims.begin());
    } else {
      dims[below(dims.size())] = one_of<int64_t>({0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33});
    }
  }

  // Another op, most times one that takes as many inputs.
  void change_op() {
    static constexpr const char* kAll[] = {
#define LOWERING(op, function) #op,
#include "convert/lowerings.inc"
#undef LOWERING
    };
    static constexpr const char* kOfOne[] = {
        "Abs",   "Relu", "Relu6", "Sigmoid",  "Tanh",     "Softmax", "LogSoftmax", "Neg",    "Exp",    "Square",
        "Rsqrt", "Elu",  "Selu",  "Softplus", "Softsign", "Erf",     "Identity",   "L2Loss", "Squeeze"};
    static constexpr const char* kOfTwo[] = {"AddV2",
                                             "Sub",
                                             "Mul",
                                             "RealDiv",
                                             "Maximum",
                                             "Minimum",
                                             "SquaredDifference",
                                             "BiasAdd",
                                             "Mean",
                                             "Sum",
                                             "Max",
                                             "Min",
                                             "Prod",
                                             "Pad",
                                             "Reshape",
                                             "Transpose",
                                             "ResizeBilinear",
                                             "MatMul",
                                             "Tile",
                                             "BatchMatMulV2",
                                             "ExpandDims",
                                             "DivNoNan",
                                             "Pow",
                                             "ReverseV2",
                                             "Cumsum",
                                             "BroadcastTo"};
    tensorflow::Node& node = any_node();
    if (below(6) == 0) {
      node.op = one_of(kAll);
    } else if (node.inputs.size() == 1) {
      node.op = one_of(kOfOne);
    } else if (node.inputs.size() == 2) {
      node.op = one_of(kOfTwo);
    }
  }

  // Reads a node that stands before it: a graph with a cycle is refused at once.
  void change_input() {
    const size_t at = below(g_.nodes.size());
    if (at == 0) return;
    const std::string name = g_.nodes[below(at)].name + (below(10) == 0 ? ":1" : "");
    std::vector<std::string>& inputs = g_.nodes[at].inputs;
    if (inputs.empty() || below(6) == 0) {
      inputs.push_back(name);
    } else {
      inputs[below(inputs.size())] = name;
    }
  }

  // A constant's tensor, where there is one.
  tensorflow::Tensor* any_constant() {
    std::vector<tensorflow::Tensor*> all;
    for (tensorflow::Node& node : g_.nodes) {
      const auto it = node.attrs.find("value");
      if (it == node.attrs.end()) continue;
      auto* t = std::get_if<tensorflow::Tensor>(&it->second);
      if (t != nullptr && !t->data.empty()) all.push_back(t);
    }
    return all.empty() ? nullptr : all[below(all.size())];
  }

  void change_values() {
    tensorflow::Tensor* t = any_constant();
    if (t == nullptr) return;
    std::vector<std::byte> data(t->data.bytes().begin(), t->data.bytes().end());
    const auto put = [&](auto value) {
      const size_t count = data.size() / sizeof(value);
      if (count > 0) std::memcpy(data.data() + below(count) * sizeof(value), &value, sizeof(value));
    };
    if (t->dtype == tensorflow::DataType::float32) put(one_of({0.0f, 1.0f, -1.0f, 3.0f, 6.0f, 1.0f / 6, 0.1f, 10.0f}));
    if (t->dtype == tensorflow::DataType::int32) put(static_cast<int32_t>(whole()));
    t->data = Buffer::of(std::move(data));
  }

  // Of a constant: as many values as its shape then has, repeated or cut.
  void change_extent() {
    tensorflow::Tensor* t = any_constant();
    if (t == nullptr) return;
    const int64_t each = static_cast<int64_t>(t->data.size_bytes()) / std::max<int64_t>(1, t->elements());
    change_dims(t->dims);
    const int64_t elements = t->elements();
    if (each == 0 || elements > 4096) return;
    const auto from = t->data.bytes();
    std::vector<std::byte> data(static_cast<size_t>(elements * each));
    for (size_t i = 0; i < data.size(); ++i) data[i] = from[i % from.size()];
    t->data = Buffer::of(std::move(data));
  }

  void remove_something() {
    tensorflow::Node& node = any_node();
    if (!node.attrs.empty() && below(2) == 0) {
      node.attrs.erase(std::next(node.attrs.begin(), static_cast<std::ptrdiff_t>(below(node.attrs.size()))));
    } else if (!node.inputs.empty()) {
      node.inputs.erase(node.inputs.begin() + static_cast<std::ptrdiff_t>(below(node.inputs.size())));
    }
  }

  // A node once more on other values, or between a node and those that read it.
  void repeat_node() {
    const size_t from = below(g_.nodes.size()), of = below(g_.nodes.size());
    tensorflow::Node copy = g_.nodes[from];
    if (copy.inputs.empty()) return;
    copy.name += "_" + std::to_string(g_.nodes.size());
    copy.inputs[0] = g_.nodes[of].name;
    const size_t at = std::max(from, of) + 1;
    if (below(2) == 0) {
      for (size_t i = at; i < g_.nodes.size(); ++i) {
        for (std::string& input : g_.nodes[i].inputs) {
          if (input == copy.inputs[0]) input = copy.name;
        }
      }
    }
    g_.nodes.insert(g_.nodes.begin() + static_cast<std::ptrdiff_t>(at), std::move(copy));
  }

  tensorflow::Graph& g_;
  std::mt19937 random_;
};

inline Expected<tensorflow::Graph> graph_of(const uint8_t* data, size_t size) {
  return tensorflow::parse_graph_def(buffer_of(data, size), "fuzz");
}

}  // namespace monolite::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  using namespace monolite;
  auto graph = fuzz::graph_of(data, size);
  if (!graph || seed % 64 == 0) graph = tensorflow::Graph();  // a new one
  fuzz::GraphMutator mutator(*graph, seed);
  for (unsigned i = 0; i <= seed / 64 % 3; ++i) mutator.mutate();
  const size_t stored = fuzz::store(tensorflow::serialize_graph_def(*graph), data, max_size);
  return stored > 0 ? stored : LLVMFuzzerMutate(data, size, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2,
                                            uint8_t* out, size_t max_size, unsigned seed) {
  using namespace monolite;
  auto first = fuzz::graph_of(data1, size1);
  const auto second = fuzz::graph_of(data2, size2);
  if (!first || !second) return 0;
  fuzz::GraphMutator(*first, seed).append(*second);
  return fuzz::store(tensorflow::serialize_graph_def(*first), out, max_size);
}
