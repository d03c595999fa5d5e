#include "ops/node_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace monolite::ops {
namespace {

std::string list(std::initializer_list<DType> types) {
  std::string text;
  for (const DType t : types) text += (text.empty() ? "" : ", ") + std::string(name(t));
  return text;
}

bool contains(std::initializer_list<DType> types, DType t) {
  return std::find(types.begin(), types.end(), t) != types.end();
}

// Inclusive range of a type's zero points.
std::pair<int64_t, int64_t> zero_point_range(DType t) {
  switch (t) {
    case DType::uint8:
      return {0, 255};
    case DType::int8:
      return {-128, 127};
    case DType::int16:
      return {-32768, 32767};
    default:
      return {INT32_MIN, INT32_MAX};
  }
}

// Why `q` cannot be computed with, or "".
std::string quantization_fault(const Quantization& q, DType dtype, size_t scales) {
  if (q.scale.size() != 1 && q.scale.size() != scales) return fmt::format("{} scales", q.scale.size());
  if (q.zero_point.size() != q.scale.size() && q.zero_point.size() > 1) {
    return fmt::format("{} zero points for {} scales", q.zero_point.size(), q.scale.size());
  }
  for (const float s : q.scale) {
    if (!std::isfinite(s) || s <= 0) return fmt::format("scale {}", s);
  }
  const auto [least, most] = zero_point_range(dtype);
  for (const int64_t z : q.zero_point) {
    if (z < least || z > most) return fmt::format("zero point {}", z);
  }
  return {};
}

constexpr const char* kDamagedHint = "the file was cut, edited or damaged; convert it again";

}  // namespace

std::string NodeView::place() const {
  const std::string& first_output = output_count() > 0 ? output(0).name : std::string();
  return fmt::format("subgraph {}, node {} {} \"{}\"", graph_, node_, printable(op_name(node())),
                     printable(first_output));
}

Error NodeView::fail(std::string found, std::string expected, std::string mend) const {
  return input_error(place(), std::move(found), std::move(expected), std::move(mend));
}

Error NodeView::fail_input(int i, std::string found, std::string expected, std::string mend) const {
  return input_error(fmt::format("{}, input {}", place(), i), std::move(found), std::move(expected), std::move(mend));
}

Error NodeView::fail_output(int i, std::string found, std::string expected, std::string mend) const {
  return input_error(fmt::format("{}, output {}", place(), i), std::move(found), std::move(expected), std::move(mend));
}

Expected<std::vector<int64_t>> NodeView::ints(int i) const {
  if (!has_value(i)) {
    Error e = fail_input(i, "values that are computed while the graph runs", "a constant");
    e.kind = ErrorKind::not_constant;
    return Unexpected(std::move(e));
  }
  const auto count = static_cast<size_t>(shape(i).elements());
  switch (dtype(i)) {
    case DType::int32:
      return std::vector<int64_t>(data<int32_t>(i), data<int32_t>(i) + count);
    case DType::int64:
      return std::vector<int64_t>(data<int64_t>(i), data<int64_t>(i) + count);
    default:
      return Unexpected(fail_input(i, std::string(name(dtype(i))), "int32 or int64", kDamagedHint));
  }
}

Expected<int64_t> NodeView::int_scalar(int i) const {
  ML_ASSIGN(const auto values, ints(i));
  if (values.size() != 1) {
    return Unexpected(fail_input(i, fmt::format("{} elements", values.size()), "one element", kDamagedHint));
  }
  return values[0];
}

Expected<void> NodeView::expect_inputs(int least, int most) const {
  if (input_count() < least || input_count() > most) {
    return Unexpected(fail(fmt::format("{} inputs", input_count()),
                           least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most),
                           kDamagedHint));
  }
  for (int i = 0; i < least; ++i) {
    if (!has_input(i)) return Unexpected(fail(fmt::format("input {} is left out", i), "a tensor", kDamagedHint));
  }
  return {};
}

Expected<void> NodeView::expect_outputs(int count) const {
  if (output_count() == count) return {};
  return Unexpected(fail(fmt::format("{} outputs", output_count()), fmt::format("{}", count), kDamagedHint));
}

Expected<void> NodeView::expect_rank(int i, int least, int most) const {
  const int rank = shape(i).rank();
  if (rank >= least && rank <= most) return {};
  return Unexpected(
      fail_input(i, "shape " + to_string(shape(i)),
                 least == most ? fmt::format("{} dimensions", least) : fmt::format("{} to {} dimensions", least, most),
                 kDamagedHint));
}

Expected<void> NodeView::expect_dtype(int i, std::initializer_list<DType> allowed) const {
  if (contains(allowed, dtype(i))) return {};
  return Unexpected(fail_input(i, std::string(name(dtype(i))), list(allowed),
                               "this op is not computed for that type; `monolite inspect` still shows the model"));
}

Expected<void> NodeView::expect_output_dtype(int i, std::initializer_list<DType> allowed) const {
  if (contains(allowed, output_dtype(i))) return {};
  return Unexpected(fail_output(i, std::string(name(output_dtype(i))), list(allowed), kDamagedHint));
}

Expected<void> NodeView::expect_same_dtype(int i, int output) const {
  if (dtype(i) == output_dtype(output)) return {};
  return Unexpected(fail_output(output, std::string(name(output_dtype(output))),
                                fmt::format("{}, the type of input {}", name(dtype(i)), i), kDamagedHint));
}

Expected<void> NodeView::expect_quantized(int i) const {
  const std::string fault = quantization_fault(input(i).quantization, dtype(i), 1);
  if (fault.empty()) return {};
  return Unexpected(
      fail_input(i, fault, "one scale above 0 and a zero point inside of the type's range", kDamagedHint));
}

Expected<void> NodeView::expect_output_quantized(int i) const {
  const std::string fault = quantization_fault(output(i).quantization, output_dtype(i), 1);
  if (fault.empty()) return {};
  return Unexpected(
      fail_output(i, fault, "one scale above 0 and a zero point inside of the type's range", kDamagedHint));
}

Expected<void> NodeView::expect_quantized_per_channel(int i, int dimension) const {
  const auto slices = static_cast<size_t>(dimension < shape(i).rank() ? shape(i)[dimension] : 1);
  std::string fault = quantization_fault(input(i).quantization, dtype(i), slices);
  if (fault.empty() && input(i).quantization.scale.size() > 1 && input(i).quantization.dimension != dimension) {
    fault = fmt::format("scales along dimension {}", input(i).quantization.dimension);
  }
  if (fault.empty()) return {};
  return Unexpected(
      fail_input(i, fault, fmt::format("one scale, or {} along dimension {}", slices, dimension), kDamagedHint));
}

Expected<void> NodeView::expect_output_quantized_per_channel(int i, const Shape& shape) const {
  const Quantization& q = output(i).quantization;
  const bool in_range = q.dimension >= 0 && q.dimension < shape.rank();
  const auto slices = static_cast<size_t>(in_range ? shape[q.dimension] : 1);
  const std::string fault = quantization_fault(q, output_dtype(i), slices);
  if (fault.empty()) return {};
  return Unexpected(
      fail_output(i, fault, fmt::format("one scale, or {} along dimension {}", slices, q.dimension), kDamagedHint));
}

}  // namespace monolite::ops
