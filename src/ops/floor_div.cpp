#include <cmath>

#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_binary(n, {DType::float32, DType::int8, DType::int16, DType::int32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

double floor_of_quotient(double a, double b) { return std::floor(a / b); }

template <class T>
Expected<void> integers(const Evaluation& n) {
  ML_TRY(expect_no_zero_divisor(n, T{0}));
  map_binary<T, T, T>(n, [](T a, T b) { return truncate_to_int32(floor_of_quotient(a, b)); });
  return {};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::int8:
      return integers<int8_t>(n);
    case DType::int16:
      return integers<int16_t>(n);
    case DType::int32:
      return integers<int32_t>(n);
    default:
      break;
  }
  ML_TRY(expect_no_zero_divisor(n, 0.0f));
  map_binary<float, float, float>(n, floor_of_quotient);
  return {};
}

}  // namespace

extern const OpDef floor_div;
const OpDef floor_div = define<NoAttributes>({.code = OpCode::FLOOR_DIV,
                                              .options = "FloorDivOptions",
                                              .verify = verify,
                                              .infer = infer,
                                              .reference = reference});

}  // namespace monolite::ops
