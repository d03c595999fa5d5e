#include <fmt/format.h>

#include <algorithm>

#include "base/fixed_point.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

// A multiplier whose mantissa has 16 bits.
struct ShortMultiplier {
  int16_t mantissa;
  int shift;
};

ShortMultiplier short_multiplier(float real) {
  const Multiplier m = quantize_multiplier(static_cast<double>(real));
  const int32_t mantissa = m.mantissa >= 0x7FFFFFFF - 0x8000 ? 0x7FFF : (m.mantissa + 0x8000) >> 16;
  return {static_cast<int16_t>(mantissa), m.shift};
}

// The input with 7 more bits is the common start of both factors: x on the output's scale, and x rescaled so that
// 3.0 is 32768, which becomes relu6(x + 3) / 6.
struct Scaling {
  ShortMultiplier to_output, to_relu;
};

Scaling scaling(const NodeView& n) {
  const float fine_scale = (1.0f / 128.0f) * n.scale(0);
  return {short_multiplier(fine_scale / n.output_scale(0)), short_multiplier(fine_scale / (3.0f / 32768.0f))};
}

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::uint8, DType::int8}));
  ML_TRY(expect_quantized_io(n));
  if (n.dtype(0) != DType::float32 && scaling(n).to_output.shift > 0) {
    return Unexpected(n.fail(fmt::format("input scale {} and output scale {}", n.scale(0), n.output_scale(0)),
                             "an output scale of at least 1/128 of the input's"));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

int16_t saturate(int64_t x) { return static_cast<int16_t>(std::clamp<int64_t>(x, -32768, 32767)); }

// a * b / 2^15, cut towards zero.
int16_t doubling_high_mul(int16_t a, int16_t b) { return saturate(int32_t{a} * b / (1 << 15)); }

// x in [-3, 3] as a number in [0, 32768), saturating. The last bit of a left shift comes after the multiplication, so
// that saturating before it does not show.
int16_t relu_factor(int16_t x, ShortMultiplier m) {
  if (m.shift > 0) x = saturate(int64_t{x} << (m.shift - 1));
  x = saturating_rounding_doubling_high_mul(x, m.mantissa);
  if (m.shift > 0) x = saturate(int64_t{x} * 2);
  if (m.shift < 0) x = static_cast<int16_t>(rounding_divide_by_pot(x, -m.shift));
  return static_cast<int16_t>((x + (1 << 15)) >> 1);
}

template <class T>
void quantized(const Evaluation& n) {
  const auto [to_output, to_relu] = scaling(n);
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  map_unary<T, T>(n, [&, to_output = to_output, to_relu = to_relu](T value) {
    const auto fine = static_cast<int16_t>((value - zero_point) * (1 << 7));
    const int16_t x = saturating_rounding_doubling_high_mul(fine, to_output.mantissa);
    const int16_t product = doubling_high_mul(relu_factor(fine, to_relu), x);
    const auto result = static_cast<int16_t>(rounding_divide_by_pot(product, -to_output.shift) + output_zero_point);
    return std::clamp<int16_t>(result, std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max());
  });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, [](float x) { return x * std::min(6.0f, std::max(0.0f, x + 3.0f)) / 6.0f; });
      break;
    case DType::uint8:
      quantized<uint8_t>(n);
      break;
    default:
      quantized<int8_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef hard_swish;
const OpDef hard_swish = define<NoAttributes>({.code = OpCode::HARD_SWISH,
                                               .options = "HardSwishOptions",
                                               .verify = verify,
                                               .infer = infer,
                                               .reference = reference});

}  // namespace monolite::ops
