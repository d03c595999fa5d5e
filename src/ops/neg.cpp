#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_unary(n, {DType::float32, DType::int8, DType::int16, DType::int32, DType::int64});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// Integers as they stand, wrapping: a zero point is not looked at.
template <class T>
void negate(const Evaluation& n) {
  map_unary<T, T>(n, [](T x) { return -x; });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      negate<float>(n);
      break;
    case DType::int8:
      negate<int8_t>(n);
      break;
    case DType::int16:
      negate<int16_t>(n);
      break;
    case DType::int32:
      negate<int32_t>(n);
      break;
    default:
      negate<int64_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef neg;
const OpDef neg = define<NoAttributes>(
    {.code = OpCode::NEG, .options = "NegOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
