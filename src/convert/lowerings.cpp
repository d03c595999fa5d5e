#include "convert/lowerings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace monolite::conversion {

LowerFunction find_lowering(const std::string& op) {
  static const std::map<std::string, LowerFunction> table = {
#define LOWERING(name, function) {#name, function},
#include "convert/lowerings.inc"
#undef LOWERING
      {"", lower_custom}};
  const auto it = table.find(op);
  return it == table.end() ? nullptr : it->second;
}

Expected<void> expect_inputs(const tensorflow::Node& n, const std::vector<TensorId>& in, size_t count, size_t most) {
  if (in.size() >= count && in.size() <= most) return {};
  return Unexpected(node_error(n, fmt::format("{} inputs", in.size()),
                               count == most ? fmt::format("{}", count) : fmt::format("{} to {}", count, most)));
}

Expected<void> expect_nhwc(const tensorflow::Node& n) {
  const std::string format = n.attr_or<std::string>("data_format", "NHWC");
  if (format == "NHWC") return {};
  return Unexpected(
      node_error(n, "data_format " + printable(format), "NHWC", "export the graph for a CPU, with channels last"));
}

Expected<std::pair<int64_t, int64_t>> height_width(const tensorflow::Node& n, const char* attribute) {
  const auto* values = n.attr<std::vector<int64_t>>(attribute);
  if (values == nullptr) return std::pair<int64_t, int64_t>(1, 1);
  const auto sensible = [](int64_t v) { return v >= 1 && v <= (1 << 20); };
  if (values->size() != 4 || (*values)[0] != 1 || (*values)[3] != 1 || !sensible((*values)[1]) ||
      !sensible((*values)[2])) {
    return Unexpected(node_error(n, std::string(attribute) + " " + tensorflow::to_string(*values),
                                 "four numbers, 1 for batch and channels"));
  }
  return std::pair((*values)[1], (*values)[2]);
}

TensorId int32_constant(Lowering& l, const std::string& name, const std::vector<int64_t>& values) {
  std::vector<int32_t> narrow(values.begin(), values.end());
  const Shape shape{static_cast<int32_t>(narrow.size())};
  return l.add_constant<int32_t>(name, shape, std::move(narrow));
}

TensorId as_int32(Lowering& l, TensorId id) {
  const Tensor& t = l.tensor(id);
  if (t.dtype != DType::int64 || !t.is_constant()) return id;
  const auto wide = l.values<int64_t>(id);
  std::vector<int32_t> narrow;
  for (const int64_t v : wide) narrow.push_back(static_cast<int32_t>(std::clamp<int64_t>(v, INT32_MIN, INT32_MAX)));
  const Shape shape = t.shape;
  const std::string name = t.name;
  return l.add_constant<int32_t>(name, shape, std::move(narrow));
}

namespace {

void keep_range(Lowering& l, TensorId from, TensorId to) {
  auto& ranges = l.lowered().constant_ranges;
  const auto range = ranges.find(from);
  if (range == ranges.end() || !l.tensor(to).is_constant()) return;
  const TrainedRange copy = range->second;
  ranges[to] = copy;
}

}  // namespace

Expected<TensorId> reshaped(Lowering& l, const std::string& name, TensorId id, const Shape& shape) {
  if (l.shape(id) == shape) return id;
  if (shape.rank() == 0) {  // no constant has the shape of a scalar: it would have no elements
    if (l.tensor(id).is_constant()) {
      const TensorId out = l.add_constant(name, l.tensor(id).dtype, shape, Buffer(l.tensor(id).data));
      keep_range(l, id, out);
      return out;
    }
    return l.emit(name, OpCode::SQUEEZE, {id}, l.tensor(id).dtype, "SqueezeOptions");
  }
  const std::vector<int64_t> dims(shape.begin(), shape.end());
  const TensorId constant = int32_constant(l, name + "/shape", dims);
  ML_ASSIGN(const TensorId out,
            l.emit(name, OpCode::RESHAPE, {id, constant}, l.tensor(id).dtype, "ReshapeOptions", {{"new_shape", dims}}));
  keep_range(l, id, out);
  return out;
}

Expected<TensorId> transposed(Lowering& l, const std::string& name, TensorId id, const std::vector<int64_t>& order) {
  if (std::is_sorted(order.begin(), order.end())) return id;
  const TensorId constant = int32_constant(l, name + "/perm", order);
  ML_ASSIGN(const TensorId out,
            l.emit(name, OpCode::TRANSPOSE, {id, constant}, l.tensor(id).dtype, "TransposeOptions"));
  keep_range(l, id, out);
  return out;
}

Outputs one(Expected<TensorId> id) {
  if (!id) return Unexpected(std::move(id).error());
  return std::vector<TensorId>{*id};
}

}  // namespace monolite::conversion
