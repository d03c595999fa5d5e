#include <cmath>

#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_binary(n, {DType::float32, DType::float64}));
  if (n.shape(0) == n.shape(1)) return {};
  return Unexpected(n.fail("shapes " + to_string(n.shape(0)) + " and " + to_string(n.shape(1)), "equal shapes"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

template <class T>
void angles(const Evaluation& n) {
  map_binary<T, T, T>(n, [](T y, T x) { return std::atan2(y, x); });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  n.dtype(0) == DType::float32 ? angles<float>(n) : angles<double>(n);
  return {};
}

}  // namespace

extern const OpDef atan2;
const OpDef atan2 = define<NoAttributes>(
    {.code = OpCode::ATAN2, .options = "ATan2Options", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
