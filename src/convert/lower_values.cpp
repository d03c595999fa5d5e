#include <algorithm>

#include "base/text.h"
#include "convert/lowerings.h"

namespace monolite::conversion {

namespace tf = monolite::tensorflow;

Outputs lower_const(Lowering& l, const tf::Node& n, const std::vector<TensorId>&) {
  const auto* value = n.attr<tf::Tensor>("value");
  if (value == nullptr) return Unexpected(node_error(n, "no value", "one"));
  return one(lower_value(l, n.name, *value));
}

Outputs lower_identity(Lowering&, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  return in;
}

Outputs lower_identity_n(Lowering&, const tf::Node&, const std::vector<TensorId>& in) { return in; }

Outputs lower_placeholder(Lowering&, const tf::Node& n, const std::vector<TensorId>&) {
  return Unexpected(node_error(n, "an input of the graph that is not among the inputs asked for",
                               "all inputs that the outputs depend on",
                               "add it to --input_arrays, or cut the graph behind it"));
}

Outputs lower_likes(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  if (!l.has_shape(in[0])) return Unexpected(node_error(n, "the shape of a custom operator's output", "a known shape"));
  const std::vector<int64_t> dims(l.shape(in[0]).begin(), l.shape(in[0]).end());
  const TensorId shape = int32_constant(l, n.name + "/shape", dims);
  const TensorId value = l.add_constant<int32_t>(n.name + "/value", Shape(), {n.op == "OnesLike" ? 1 : 0});
  const DType dtype = l.tensor(in[0]).dtype;
  TensorId typed = value;
  if (dtype != DType::int32) {
    ML_ASSIGN(typed, l.emit(n.name + "/cast", OpCode::CAST, {value}, dtype, "CastOptions",
                            {{"in_data_type", static_cast<int64_t>(DType::int32)},
                             {"out_data_type", static_cast<int64_t>(dtype)}}));
  }
  return one(l.emit(n.name, OpCode::FILL, {shape, typed}, dtype, "FillOptions"));
}

Outputs lower_range(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 3));
  return one(l.emit(n.name, OpCode::RANGE, in, l.tensor(in[0]).dtype, "RangeOptions"));
}

Outputs lower_shape(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  if (!l.has_shape(in[0])) return Unexpected(node_error(n, "the shape of a custom operator's output", "a known shape"));
  const Shape& shape = l.shape(in[0]);
  const Shape own{shape.rank()};
  if (n.attr_or("out_type", tf::DataType::int32) == tf::DataType::int64) {
    return std::vector<TensorId>{l.add_constant<int64_t>(n.name, own, {shape.begin(), shape.end()})};
  }
  return std::vector<TensorId>{l.add_constant<int32_t>(n.name, own, {shape.begin(), shape.end()})};
}

Outputs lower_rank(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  return std::vector<TensorId>{l.add_constant<int32_t>(n.name, Shape(), {l.shape(in[0]).rank()})};
}

Outputs lower_fill(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 2));
  const DType dtype = l.tensor(in[1]).dtype;
  return one(l.emit(n.name, OpCode::FILL, {in[0], in[1]}, dtype, "FillOptions"));
}

Outputs lower_cast(Lowering& l, const tf::Node& n, const std::vector<TensorId>& in) {
  ML_TRY(expect_inputs(n, in, 1));
  ML_ASSIGN(const DType to, dtype_of(n.attr_or("DstT", tf::DataType::float32)));
  const DType from = l.tensor(in[0]).dtype;
  if (from == to) return in;
  return one(l.emit(n.name, OpCode::CAST, {in[0]}, to, "CastOptions",
                    {{"in_data_type", static_cast<int64_t>(from)}, {"out_data_type", static_cast<int64_t>(to)}}));
}

}  // namespace monolite::conversion
