#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_unary(n, {DType::float32, DType::float64, DType::int32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// -1, 0 or 1; NaN stays.
template <class T>
void signs(const Evaluation& n) {
  map_unary<T, T>(n, [](T x) { return x < 0 ? T{-1} : x > 0 ? T{1} : x == 0 ? T{0} : x; });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      signs<float>(n);
      break;
    case DType::float64:
      signs<double>(n);
      break;
    default:
      signs<int32_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef sign;
const OpDef sign = define<NoAttributes>(
    {.code = OpCode::SIGN, .options = "SignOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
