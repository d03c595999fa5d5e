#include "ops/op.h"
#include "ops/relu_family.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) { return verify_relu(n, {DType::uint8, DType::int8}); }

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(0)}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) { return relu_reference(n, {0.0f, 1.0f}); }

}  // namespace

extern const OpDef relu_0_to_1;
const OpDef relu_0_to_1 =
    define<NoAttributes>({.code = OpCode::RELU_0_TO_1, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
