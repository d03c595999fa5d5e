#include <cmath>

#include "ops/elementwise.h"
#include "ops/lookup_table.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

float elu_of(float x) { return x < 0 ? std::expm1(x) : x; }

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::int8}));
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  if (n.dtype(0) == DType::float32) {
    map_unary<float, float>(n, elu_of);
  } else {
    map_byte_table(n, byte_table<int8_t>(n, elu_of));
  }
  return {};
}

}  // namespace

extern const OpDef elu;
const OpDef elu = define<NoAttributes>({.code = OpCode::ELU, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
