#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return expect_binary(n, {DType::boolean}); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  map_binary<uint8_t, uint8_t, uint8_t>(n, [](uint8_t a, uint8_t b) { return a != 0 && b != 0; });
  return {};
}

}  // namespace

extern const OpDef logical_and;
const OpDef logical_and = define<NoAttributes>({.code = OpCode::LOGICAL_AND,
                                                .options = "LogicalAndOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .reference = reference});

}  // namespace monolite::ops
