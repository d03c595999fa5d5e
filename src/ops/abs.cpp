#include <cmath>

#include "base/fixed_point.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::int8, DType::int16, DType::int32}));
  return is_plain_int16(n) ? Expected<void>() : expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// The least integer has no opposite and stays.
template <class T>
void plain(const Evaluation& n) {
  map_unary<T, T>(n, [](T x) { return x < 0 ? -x : x; });
}

template <class T>
void quantized(const Evaluation& n) {
  const bool rescales = n.scale(0) != n.output_scale(0);
  const Multiplier multiplier = quantize_multiplier(static_cast<double>(n.scale(0) / n.output_scale(0)));
  const Range<int32_t> range = quantized_range(n, Activation::none);
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  map_unary<T, T>(n, [&](int32_t value) {
    const int32_t magnitude = std::abs(value - zero_point);
    return clamp((rescales ? multiply(magnitude, multiplier) : magnitude) + output_zero_point, range);
  });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, [](float x) { return std::abs(x); });
      break;
    case DType::int8:
      quantized<int8_t>(n);
      break;
    case DType::int16:
      is_plain_int16(n) ? plain<int16_t>(n) : quantized<int16_t>(n);
      break;
    default:
      plain<int32_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef abs;
const OpDef abs = define<NoAttributes>(
    {.code = OpCode::ABS, .options = "AbsOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
