#include <limits>

#include "ops/op.h"
#include "ops/relu_family.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return verify_relu(n, {DType::uint8, DType::int8, DType::int16});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(0)}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  return relu_reference(n, {0.0f, std::numeric_limits<float>::infinity()});
}

}  // namespace

extern const OpDef relu;
const OpDef relu =
    define<NoAttributes>({.code = OpCode::RELU, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
