#include <cmath>

#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return expect_unary(n, {DType::float32}); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// Halves go to the even neighbour: the default of floating point.
Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  map_unary<float, float>(n, [](float x) { return std::nearbyint(x); });
  return {};
}

}  // namespace

extern const OpDef round;
const OpDef round =
    define<NoAttributes>({.code = OpCode::ROUND, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
