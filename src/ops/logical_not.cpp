#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return expect_unary(n, {DType::boolean}); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  map_unary<uint8_t, uint8_t>(n, [](uint8_t x) { return x == 0; });
  return {};
}

}  // namespace

extern const OpDef logical_not;
const OpDef logical_not = define<NoAttributes>({.code = OpCode::LOGICAL_NOT,
                                                .options = "LogicalNotOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .reference = reference});

}  // namespace monolite::ops
