// BROADCAST_ARGS: two shapes -> the shape that tensors of them have together; extents that one does not have are 1.

#include <algorithm>

#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  for (const int i : {0, 1}) {
    ML_TRY(n.expect_dtype(i, {DType::int32, DType::int64}));
    ML_TRY(n.expect_same_dtype(i, 0));
    ML_TRY(n.expect_rank(i, 1));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  return Shapes{Shape{std::max(n.shape(0)[0], n.shape(1)[0])}};
}

// LiteRT compares 32 bits of each extent, and so do we.
template <class T>
Expected<void> broadcast(const Evaluation& n) {
  const int32_t rank = n.output_shape(0)[0];
  const auto extent = [&](int input, int32_t from_end) {
    const int32_t at = n.shape(input)[0] - 1 - from_end;
    return at < 0 ? int32_t{1} : static_cast<int32_t>(n.data<T>(input)[at]);
  };
  for (int32_t i = 0; i < rank; ++i) {
    const int32_t a = extent(0, i), b = extent(1, i);
    if (a != b && a != 1 && b != 1) {
      return Unexpected(n.fail("extents " + std::to_string(a) + " and " + std::to_string(b), "the same, or a 1"));
    }
    n.out<T>(0)[rank - 1 - i] = a == 1 ? b : a;
  }
  return {};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  return n.dtype(0) == DType::int32 ? broadcast<int32_t>(n) : broadcast<int64_t>(n);
}

}  // namespace

extern const OpDef broadcast_args;
const OpDef broadcast_args =
    define<NoAttributes>({.code = OpCode::BROADCAST_ARGS, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
