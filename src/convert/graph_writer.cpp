#include "convert/graph_writer.h"

namespace monolite::conversion {

using tensorflow::DataType;
using tensorflow::Tensor;

std::string GraphWriter::node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                              Attrs attrs) {
  graph_.nodes.push_back({name, op, std::move(inputs), "", std::move(attrs)});
  return name;
}

std::string GraphWriter::float_node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                                    Attrs attrs) {
  attrs["T"] = DataType::float32;
  return node(name, op, std::move(inputs), std::move(attrs));
}

std::string GraphWriter::int_node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                                  Attrs attrs) {
  attrs["T"] = DataType::int32;
  return node(name, op, std::move(inputs), std::move(attrs));
}

std::string GraphWriter::constant(const std::string& name, Tensor value) {
  const DataType dtype = value.dtype;
  return node(name, "Const", {}, {{"dtype", dtype}, {"value", std::move(value)}});
}

std::string GraphWriter::ints(const std::string& name, std::vector<int64_t> dims, std::vector<int32_t> values) {
  return constant(name, Tensor::of<int32_t>(DataType::int32, std::move(dims), std::move(values)));
}

std::string GraphWriter::floats(const std::string& name, std::vector<int64_t> dims, std::vector<float> values) {
  return constant(name, Tensor::of<float>(DataType::float32, std::move(dims), std::move(values)));
}

std::string GraphWriter::variable(const std::string& name, Tensor value) {
  constant(name, std::move(value));
  return float_node(name + "/read", "Identity", {name});
}

std::string GraphWriter::element(const std::string& name, const std::string& vector, int32_t from, int32_t to,
                                 bool shrink) {
  return int_node(name, "StridedSlice",
                  {vector, ints(name + "/stack", {1}, {from}), ints(name + "/stack_1", {1}, {to}),
                   ints(name + "/stack_2", {1}, {1})},
                  {{"Index", DataType::int32},
                   {"begin_mask", int64_t{0}},
                   {"end_mask", int64_t{0}},
                   {"ellipsis_mask", int64_t{0}},
                   {"new_axis_mask", int64_t{0}},
                   {"shrink_axis_mask", int64_t{shrink ? 1 : 0}}});
}

}  // namespace monolite::conversion
