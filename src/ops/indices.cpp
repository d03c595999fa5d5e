#include "ops/indices.h"

#include <fmt/format.h>

namespace monolite::ops {

int64_t index_at(const NodeView& n, int input, int64_t k) {
  switch (n.dtype(input)) {
    case DType::int16:
      return n.data<int16_t>(input)[k];
    case DType::int32:
      return n.data<int32_t>(input)[k];
    default:
      return n.data<int64_t>(input)[k];
  }
}

Expected<int64_t> index_below(const NodeView& n, int input, int64_t k, int64_t size) {
  const int64_t index = index_at(n, input, k);
  if (index >= 0 && index < size) return index;
  return Unexpected(n.fail_input(input, fmt::format("index {}", index), fmt::format("one in [0, {})", size)));
}

Expected<Shape> spelled_shape(const NodeView& n, int input) {
  ML_ASSIGN(const auto extents, n.ints(input));
  Shape shape;
  for (const int64_t d : extents) {
    if (d < 0 || d > INT32_MAX) {
      return Unexpected(n.fail_input(input, fmt::format("an extent of {}", d), "one in [0, 2^31)"));
    }
    shape.push_back(static_cast<int32_t>(d));
  }
  return shape;
}

Expected<void> expect_value(const NodeView& n, int input) {
  if (n.has_value(input)) return {};
  Error e = n.fail_input(input, "a value that is computed while the graph runs", "a constant");
  e.kind = ErrorKind::not_constant;
  return Unexpected(std::move(e));
}

}  // namespace monolite::ops
