#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::int8, DType::int16}));
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// Through float32, cut towards zero.
template <class T>
Expected<void> quantized(const Evaluation& n) {
  const T* in = n.data<T>(0);
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  if (std::any_of(in, in + n.shape(0).elements(), [&](T value) { return value < zero_point; })) {
    return Unexpected(n.fail_input(0, "a negative number", "numbers of at least 0"));
  }
  const Range<int32_t> range = quantized_range(n, Activation::none);
  map_unary<T, T>(n, [&, scale = n.scale(0), output_scale = n.output_scale(0)](T value) {
    const float root = std::sqrt(scale * static_cast<float>(value - zero_point));
    return clamp(truncate_to_int32(root / output_scale) + output_zero_point, range);
  });
  return {};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::int8:
      return quantized<int8_t>(n);
    case DType::int16:
      return quantized<int16_t>(n);
    default:
      map_unary<float, float>(n, [](float x) { return std::sqrt(x); });
  }
  return {};
}

}  // namespace

extern const OpDef sqrt;
const OpDef sqrt =
    define<NoAttributes>({.code = OpCode::SQRT, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
