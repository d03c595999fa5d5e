#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_binary(n, {DType::float32, DType::int32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

// By squaring: integers wrap, and floats stop at the largest one.
template <class T>
T multiplied_power(T base, int32_t exponent) {
  if (exponent == 1) return base;
  const Range<T> range{std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};
  const T half = multiplied_power(base, exponent / 2);
  const T even = clamp(static_cast<T>(half * half), range);
  return exponent % 2 == 0 ? even : clamp(static_cast<T>(base * even), range);
}

// The exponent that LiteRT multiplies by: a broadcast scalar that is a whole number above 0, to within 1e-5; else 0.
template <class T>
int32_t whole_exponent(const Evaluation& n) {
  if (n.shape(1).elements() != 1 || n.shape(0) == n.shape(1)) return 0;
  const T exponent = *n.data<T>(1);
  const int32_t whole = truncate_to_int32(std::round(exponent));
  return whole >= 1 && std::abs(static_cast<double>(exponent) - whole) < 1e-5 ? whole : 0;
}

template <class T, class Power>
void raise(const Evaluation& n, Power power) {
  if (const int32_t exponent = whole_exponent<T>(n); exponent != 0) {
    return map_binary<T, T, T>(n, [&](T base, T) { return multiplied_power(base, exponent); });
  }
  map_binary<T, T, T>(n, power);
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  if (n.dtype(0) == DType::float32) {
    raise<float>(n, [](float base, float exponent) { return std::pow(base, exponent); });
    return {};
  }
  const int32_t* exponents = n.data<int32_t>(1);
  if (std::any_of(exponents, exponents + n.shape(1).elements(), [](int32_t e) { return e < 0; })) {
    return Unexpected(n.fail_input(1, "a negative exponent of an integer", "exponents of at least 0"));
  }
  raise<int32_t>(n, [](int32_t base, int32_t exponent) { return truncate_to_int32(std::pow(base, exponent)); });
  return {};
}

}  // namespace

extern const OpDef pow;
const OpDef pow = define<NoAttributes>(
    {.code = OpCode::POW, .options = "PowOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
