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

// Of quantized numbers: what has no logarithm gives the least output.
auto quantized_log(const NodeView& n, int32_t least) {
  const float least_output = static_cast<float>(least - n.output_zero_point(0)) * n.output_scale(0);
  return [least_output](float x) { return x <= 0 ? least_output : std::log(x); };
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, [](float x) { return std::log(x); });
      break;
    case DType::int8:
      map_byte_table(n, byte_table<int8_t>(n, quantized_log(n, -128)));
      break;
    default:
      map_unary<int16_t, int16_t>(n, ShortTable(n, quantized_log(n, -32768)));
  }
  return {};
}

}  // namespace

extern const OpDef log;
const OpDef log = define<NoAttributes>({.code = OpCode::LOG, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
