#include "base/fixed_point.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kAlpha = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  ML_TRY(n.expect_dtype(kAlpha, {n.dtype(kInput) == DType::int16 ? DType::int8 : n.dtype(kInput)}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(expect_broadcast(n, 0, 2));
  if (broadcast_shape(n, 0, 2) != n.shape(kInput)) {
    return Unexpected(n.fail_input(kAlpha, "shape " + to_string(n.shape(kAlpha)),
                                   "one that broadcasts to the input's " + to_string(n.shape(kInput))));
  }
  if (n.dtype(kInput) == DType::float32) return {};
  ML_TRY(n.expect_quantized(kInput));
  ML_TRY(n.expect_quantized(kAlpha));
  return n.expect_output_quantized(0);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

template <class T, class Alpha>
void quantized(const Evaluation& n) {
  // In float32, as LiteRT's kernel divides.
  const float same = n.scale(kInput) / n.output_scale(0);
  const float scaled = n.scale(kInput) * n.scale(kAlpha) / n.output_scale(0);
  const Multiplier positive = quantize_multiplier(static_cast<double>(same));
  const Multiplier negative = quantize_multiplier(static_cast<double>(scaled));
  const Range<int32_t> range = quantized_range(n, Activation::none);
  const int32_t zero_point = n.zero_point(kInput), alpha_zero_point = n.zero_point(kAlpha);
  map_binary<T, Alpha, T>(n, [&, output_zero_point = n.output_zero_point(0)](int32_t value, int32_t alpha) {
    const int32_t x = value - zero_point;
    const int32_t y = x >= 0 ? multiply(x, positive) : multiply(x * (alpha - alpha_zero_point), negative);
    return clamp(y + output_zero_point, range);
  });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(kInput)) {
    case DType::float32:
      map_binary<float, float, float>(n, [](float x, float alpha) { return x >= 0 ? x : x * alpha; });
      break;
    case DType::uint8:
      quantized<uint8_t, uint8_t>(n);
      break;
    case DType::int8:
      quantized<int8_t, int8_t>(n);
      break;
    default:
      quantized<int16_t, int8_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef prelu;
const OpDef prelu =
    define<NoAttributes>({.code = OpCode::PRELU, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
