#include "ops/split_parts.h"

#include <fmt/format.h>

#include "ops/view.h"

namespace monolite::ops {

Expected<void> verify_split(const NodeView& n, int input, int axis) {
  ML_TRY(expect_movable(n, input));
  ML_TRY(n.expect_dtype(axis, {DType::int32}));
  if (n.output_count() < 1) return Unexpected(n.fail("no outputs", "at least one"));
  for (int i = 0; i < n.output_count(); ++i) ML_TRY(n.expect_same_dtype(input, i));
  return {};
}

Expected<int> split_axis(const NodeView& n, int input, int axis) {
  ML_ASSIGN(const int64_t value, n.int_scalar(axis));
  return axis_of(n, value, n.shape(input).rank());
}

Shapes split_shapes(const Shape& in, int axis, const std::vector<int64_t>& sizes) {
  Shapes shapes(sizes.size(), in);
  for (size_t i = 0; i < sizes.size(); ++i) shapes[i][axis] = static_cast<int32_t>(sizes[i]);
  return shapes;
}

Expected<Copies> split_copies(const NodeView& n, int input, int axis) {
  ML_ASSIGN(const int along, split_axis(n, input, axis));
  const View whole = View::dense(n.shape(input));
  Copies all;
  int64_t begin = 0;
  for (int i = 0; i < n.output_count(); ++i) {
    const int64_t count = n.output_shape(i)[along];
    all.push_back(copy_whole(input, whole.take(along, begin, count), i));
    begin += count;
  }
  return all;
}

}  // namespace monolite::ops
