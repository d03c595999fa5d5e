#include <cmath>

#include "ops/elementwise.h"
#include "ops/lookup_table.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::int8, DType::int16}));
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

float exp_of(float x) { return std::exp(x); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, exp_of);
      break;
    case DType::int8:
      map_byte_table(n, byte_table<int8_t>(n, exp_of));
      break;
    default:
      map_unary<int16_t, int16_t>(n, ShortTable(n, exp_of));
  }
  return {};
}

}  // namespace

extern const OpDef exp;
const OpDef exp = define<NoAttributes>(
    {.code = OpCode::EXP, .options = "ExpOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
