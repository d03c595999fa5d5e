#include "ops/comparison.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr ComparisonTypes kTypes{};

Expected<void> verify(const NodeView& n, const NoAttributes&) { return verify_comparison(n, kTypes); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  return compare_elements(n, kTypes, [](auto a, auto b) { return a >= b; });
}

}  // namespace

extern const OpDef greater_equal;
const OpDef greater_equal = define<NoAttributes>({.code = OpCode::GREATER_EQUAL,
                                                  .options = "GreaterEqualOptions",
                                                  .verify = verify,
                                                  .infer = infer,
                                                  .reference = reference});

}  // namespace monolite::ops
