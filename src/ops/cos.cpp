#include <cmath>

#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return expect_unary(n, {DType::float32}); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  map_unary<float, float>(n, [](float x) { return std::cos(x); });
  return {};
}

}  // namespace

extern const OpDef cos;
const OpDef cos = define<NoAttributes>(
    {.code = OpCode::COS, .options = "CosOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
