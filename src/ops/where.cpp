#include <algorithm>

#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(
      0, {DType::boolean, DType::float32, DType::int8, DType::uint8, DType::int32, DType::uint32, DType::int64}));
  ML_TRY(n.expect_output_dtype(0, {DType::int64}));
  if (n.shape(0).rank() > 0) return {};
  return Unexpected(n.fail_input(0, "a scalar", "at least one dimension"));
}

// Calls found(index) for each element that is not 0.
template <class T, class Found>
void for_each_true(const NodeView& n, Found found) {
  const T* condition = n.data<T>(0);
  const int64_t elements = n.shape(0).elements();
  for (int64_t i = 0; i < elements; ++i) {
    if (condition[i] != T{0}) found(i);
  }
}

template <class Found>
void for_each_true(const NodeView& n, Found found) {
  switch (n.dtype(0)) {
    case DType::float32:
      return for_each_true<float>(n, found);
    case DType::int32:
      return for_each_true<int32_t>(n, found);
    case DType::uint32:
      return for_each_true<uint32_t>(n, found);
    case DType::int64:
      return for_each_true<int64_t>(n, found);
    default:
      return for_each_true<uint8_t>(n, found);  // bool, int8, uint8
  }
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  if (!n.has_value(0)) {
    Error e = n.fail_input(0, "values that are computed while the graph runs", "a constant");
    e.kind = ErrorKind::not_constant;
    return Unexpected(std::move(e));
  }
  int32_t count = 0;
  for_each_true(n, [&](int64_t) { count = count < INT32_MAX ? count + 1 : count; });
  return Shapes{{count, n.shape(0).rank()}};
}

// The coordinates of each element found, in order.
Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const Shape& shape = n.shape(0);
  int64_t* out = n.out<int64_t>(0);
  for_each_true(n, [&](int64_t index) {
    for (int d = shape.rank() - 1; d >= 0; --d) {
      out[d] = index % shape[d];
      index /= shape[d];
    }
    out += shape.rank();
  });
  return {};
}

}  // namespace

extern const OpDef where;
const OpDef where = define<NoAttributes>(
    {.code = OpCode::WHERE, .options = "WhereOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
