#pragma once
// A TensorFlow graph as plain structs: what a GraphDef holds, nothing interpreted.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/buffer.h"
#include "tensorflow/data_type.h"

namespace monolite::tensorflow {

// A shape as a graph states it: the rank may be open, and any extent (-1).
struct PartialShape {
  bool has_rank = true;
  std::vector<int64_t> dims;
  bool operator==(const PartialShape&) const = default;
};

// A value: elements little-endian and row-major, or strings.
struct Tensor {
  DataType dtype = DataType::invalid;
  std::vector<int64_t> dims;
  Buffer data;
  std::vector<std::string> strings;  // dtype == string

  int64_t elements() const {
    int64_t n = 1;
    for (const int64_t d : dims) n *= d;
    return n;
  }
  template <class T>
  static Tensor of(DataType dtype, std::vector<int64_t> dims, std::vector<T> values) {
    return {dtype, std::move(dims), Buffer::of(std::move(values)), {}};
  }
};

// "[3, 3, 32, 1]"
std::string to_string(const std::vector<int64_t>& dims);

struct FunctionName {
  std::string name;
  bool operator==(const FunctionName&) const = default;
};

using AttrValue = std::variant<bool, int64_t, float, std::string, DataType, PartialShape, Tensor, FunctionName,
                               std::vector<bool>, std::vector<int64_t>, std::vector<float>, std::vector<std::string>,
                               std::vector<DataType>, std::vector<PartialShape>>;

struct Node {
  std::string name, op;
  // "a", "a:1" for a later output, "^a" for order only.
  std::vector<std::string> inputs;
  std::string device;
  std::map<std::string, AttrValue, std::less<>> attrs;

  // The attribute where it is there and of type T, else nullptr.
  template <class T>
  const T* attr(std::string_view key) const {
    const auto it = attrs.find(key);
    return it == attrs.end() ? nullptr : std::get_if<T>(&it->second);
  }
  template <class T>
  T attr_or(std::string_view key, T otherwise) const {
    const T* found = attr<T>(key);
    return found == nullptr ? otherwise : *found;
  }
};

// A function of the graph's library; tensors inside are named "node:output_name:index".
struct Function {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<DataType> input_types;
  std::vector<std::pair<std::string, std::string>> outputs;  // name of the output, tensor inside
  std::vector<Node> nodes;
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<Function> functions;
  int32_t producer = 0;  // version of the graph format
};

// What an input string names.
struct TensorName {
  std::string node;
  int output = 0;
  bool is_control = false;
};

// "^a" -> a, control; "a" -> a, 0; "a:2" -> a, 2. Also "a:0" as users write it.
TensorName parse_tensor_name(std::string_view text);

}  // namespace monolite::tensorflow
