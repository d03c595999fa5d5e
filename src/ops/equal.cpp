#include "ops/comparison.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr ComparisonTypes kTypes{.booleans = true, .quantized_int16 = true};

Expected<void> verify(const NodeView& n, const NoAttributes&) { return verify_comparison(n, kTypes); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  return compare_elements(n, kTypes, [](auto a, auto b) { return a == b; });
}

}  // namespace

extern const OpDef equal;
const OpDef equal = define<NoAttributes>(
    {.code = OpCode::EQUAL, .options = "EqualOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
