#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/inverse_sqrt.h"
#include "ops/lookup_table.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::int8, DType::int16}));
  return expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

template <class T>
Expected<void> expect_no_negative(const Evaluation& n) {
  const T* in = n.data<T>(0);
  const int32_t zero_point = n.zero_point(0);
  if (std::none_of(in, in + n.shape(0).elements(), [&](T value) { return value < zero_point; })) return {};
  return Unexpected(n.fail_input(0, "a negative number", "numbers of at least 0"));
}

// In integers, with 20 bits below the point between the two multiplications. 1 / sqrt(0) is the largest number.
void int8_reference(const Evaluation& n) {
  constexpr int fraction_bits = 20;
  const auto scales = static_cast<double>(std::sqrt(n.scale(0)) * n.output_scale(0));
  Multiplier multiplier = quantize_multiplier(1.0 / scales);
  multiplier.shift = std::max(multiplier.shift - fraction_bits, -31);
  const Range<int32_t> range = quantized_range(n, Activation::none);
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  map_unary<int8_t, int8_t>(n, [&](int32_t value) {
    if (value == zero_point) return range.most;
    Multiplier inverse = inverse_sqrt(value - zero_point);
    inverse.shift += fraction_bits;
    return clamp(multiply(multiply(int32_t{1}, inverse), multiplier) + output_zero_point, range);
  });
}

void int16_reference(const Evaluation& n) {
  const float most = 32767 * n.output_scale(0);
  map_unary<int16_t, int16_t>(n, ShortTable(n, [most](float x) { return x <= 0 ? most : 1.0f / std::sqrt(x); }));
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, [](float x) { return 1.0f / std::sqrt(x); });
      break;
    case DType::int8:
      ML_TRY(expect_no_negative<int8_t>(n));
      int8_reference(n);
      break;
    default:
      ML_TRY(expect_no_negative<int16_t>(n));
      int16_reference(n);
  }
  return {};
}

}  // namespace

extern const OpDef rsqrt;
const OpDef rsqrt =
    define<NoAttributes>({.code = OpCode::RSQRT, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
