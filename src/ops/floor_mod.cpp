#include <cmath>

#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_binary(n, {DType::float32, DType::int8, DType::int16, DType::int32, DType::int64});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

// What is left of a division whose quotient is rounded down: it has the divisor's sign.
template <class T>
T with_sign_of(T divisor, T rest) {
  return rest != 0 && (divisor < 0) != (rest < 0) ? static_cast<T>(rest + divisor) : rest;
}

template <class T>
Expected<void> integers(const Evaluation& n) {
  ML_TRY(expect_no_zero_divisor(n, T{0}));
  map_binary<T, T, T>(n, [](T a, T b) {
    // The quotient by -1 may not exist; nothing is left of it.
    return b == -1 ? T{0} : with_sign_of(b, static_cast<T>(a % b));
  });
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
    case DType::int64:
      return integers<int64_t>(n);
    default:
      map_binary<float, float, float>(n, [](float a, float b) { return with_sign_of(b, std::fmod(a, b)); });
  }
  return {};
}

}  // namespace

extern const OpDef floor_mod;
const OpDef floor_mod = define<NoAttributes>({.code = OpCode::FLOOR_MOD,
                                              .options = "FloorModOptions",
                                              .verify = verify,
                                              .infer = infer,
                                              .reference = reference});

}  // namespace monolite::ops
