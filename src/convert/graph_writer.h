#pragma once
// Builds a TensorFlow graph node by node.

#include <string>
#include <utility>
#include <vector>

#include "tensorflow/graph.h"

namespace monolite::conversion {

class GraphWriter {
 public:
  using Attrs = std::map<std::string, tensorflow::AttrValue, std::less<>>;

  // Each returns the node's name.
  std::string node(const std::string& name, const std::string& op, std::vector<std::string> inputs, Attrs attrs = {});
  // Float ops: attribute T is float32.
  std::string float_node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                         Attrs attrs = {});
  // Integer ops: attribute T is int32.
  std::string int_node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                       Attrs attrs = {});
  std::string constant(const std::string& name, tensorflow::Tensor value);
  std::string ints(const std::string& name, std::vector<int64_t> dims, std::vector<int32_t> values);
  std::string floats(const std::string& name, std::vector<int64_t> dims, std::vector<float> values);
  // A frozen variable: "NAME" and "NAME/read".
  std::string variable(const std::string& name, tensorflow::Tensor value);
  // Elements [from, to) of a vector; with `shrink` a scalar.
  std::string element(const std::string& name, const std::string& vector, int32_t from, int32_t to, bool shrink);

  tensorflow::Graph take() { return std::move(graph_); }

 private:
  tensorflow::Graph graph_;
};

}  // namespace monolite::conversion
