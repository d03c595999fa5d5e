#include "ops/mul.h"

#include "base/fixed_point.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

// int16 factors in [-1, 1) and a product of 8 bits: a gate of a quantized LSTM.
bool is_narrowing(const NodeView& n) { return n.dtype(0) == DType::int16 && is_8bit(n.output_dtype(0)); }

Expected<void> verify_narrowing(const NodeView& n) {
  if (n.shape(0).elements() != n.shape(1).elements()) {
    return Unexpected(n.fail("shapes " + to_string(n.shape(0)) + " and " + to_string(n.shape(1)),
                             "equal shapes where int16 factors give a product of 8 bits"));
  }
  return n.expect_output_quantized(0);
}

Expected<void> verify(const NodeView& n, const Mul& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_clamp(n, a.fused_activation_function));
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  ML_TRY(n.expect_dtype(1, {n.dtype(0)}));
  ML_TRY(expect_broadcast(n, 0, 2));
  if (is_narrowing(n)) return verify_narrowing(n);
  ML_TRY(n.expect_same_dtype(0, 0));
  return is_plain_int16(n) ? Expected<void>() : expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const Mul&) { return binary_shape(n); }

template <class T>
void plain(const Evaluation& n, Range<T> range) {
  // In unsigned arithmetic of the full width: the product of two int16 or two int32 may pass int32.
  using Product = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
  map_binary<T, T, T>(
      n, [&](T a, T b) { return clamp(static_cast<T>(static_cast<Product>(a) * static_cast<Product>(b)), range); });
}

template <class T>
void quantized(const Evaluation& n, const Mul& a) {
  // The scales are multiplied and divided in float32, as LiteRT's kernel does.
  const Multiplier multiplier = quantize_multiplier(static_cast<double>(n.scale(0) * n.scale(1) / n.output_scale(0)));
  const Range<int32_t> range = quantized_range(n, a.fused_activation_function);
  const int32_t a_zero = n.zero_point(0), b_zero = n.zero_point(1), out_zero = n.output_zero_point(0);
  map_binary<T, T, T>(n, [&](int32_t x, int32_t y) {
    return clamp(multiply((x - a_zero) * (y - b_zero), multiplier) + out_zero, range);
  });
}

template <class Out>
void narrowing(const Evaluation& n, const Mul& a) {
  const Range<int32_t> range = quantized_range(n, a.fused_activation_function);
  const int32_t zero_point = n.output_zero_point(0);
  const Range<int16_t> shifted{static_cast<int16_t>(range.least - zero_point),
                               static_cast<int16_t>(range.most - zero_point)};
  map_binary<int16_t, int16_t, Out>(n, [&](int16_t x, int16_t y) {
    const int16_t product = saturating_rounding_doubling_high_mul(x, y);
    const auto scaled = static_cast<int16_t>(rounding_divide_by_pot(product, 8));
    return zero_point + std::max(std::min(scaled, shifted.most), shifted.least);
  });
}

Expected<void> reference(const Evaluation& n, const Mul& a) {
  if (is_narrowing(n)) {
    n.output_dtype(0) == DType::int8 ? narrowing<int8_t>(n, a) : narrowing<uint8_t>(n, a);
    return {};
  }
  switch (n.dtype(0)) {
    case DType::float32:
      plain(n, float_range(a.fused_activation_function));
      break;
    case DType::uint8:
      quantized<uint8_t>(n, a);
      break;
    case DType::int8:
      quantized<int8_t>(n, a);
      break;
    case DType::int16:
      if (is_plain_int16(n)) {
        plain(n, integer_range<int16_t>(a.fused_activation_function));
      } else {
        quantized<int16_t>(n, a);
      }
      break;
    case DType::int32:
      plain(n, integer_range<int32_t>(a.fused_activation_function));
      break;
    default:
      plain(n, integer_range<int64_t>(a.fused_activation_function));
  }
  return {};
}

}  // namespace

extern const OpDef mul;
const OpDef mul = define<Mul>(
    {.code = OpCode::MUL, .options = "MulOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
