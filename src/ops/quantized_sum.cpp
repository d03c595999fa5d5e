#include "ops/quantized_sum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ops/elementwise.h"

namespace monolite::ops {
namespace {

// The exponent of a scale that is a power of two, to within LiteRT's tolerance.
std::optional<int> exponent_of_two(float scale) {
  const float log2 = std::log(scale) * (1.0f / std::log(2.0f));
  const float rounded = std::round(log2);
  if (!(std::abs(log2 - rounded) < 1e-3f)) return std::nullopt;
  return static_cast<int>(rounded);
}

}  // namespace

QuantizedSum quantized_sum(const NodeView& n, Activation activation, int32_t sign) {
  // 8 bits and 20 more, or 16 and 15: a sum of two still fits 32 bits.
  const int left_shift = n.output_dtype(0) == DType::int16 ? 15 : 20;
  const double twice_larger = static_cast<double>(2 * std::max(n.scale(0), n.scale(1)));
  const auto output_steps = static_cast<double>(static_cast<float>(1 << left_shift) * n.output_scale(0));
  return {.a_zero_point = n.zero_point(0),
          .b_zero_point = n.zero_point(1),
          .output_zero_point = n.output_zero_point(0),
          .left_shift = left_shift,
          .a_multiplier = quantize_multiplier(static_cast<double>(n.scale(0)) / twice_larger),
          .b_multiplier = quantize_multiplier(static_cast<double>(n.scale(1)) / twice_larger),
          .output_multiplier = quantize_multiplier(twice_larger / output_steps),
          .sign = sign,
          .range = quantized_range(n, activation)};
}

bool is_power_of_two_sum(const NodeView& n, bool pot_scale_int16) {
  return pot_scale_int16 && n.output_dtype(0) == DType::int16 && exponent_of_two(n.scale(0)) &&
         exponent_of_two(n.scale(1)) && exponent_of_two(n.output_scale(0));
}

Expected<PowerOfTwoSum> power_of_two_sum(const NodeView& n, Activation activation, int32_t sign) {
  const int output = *exponent_of_two(n.output_scale(0));
  const int a_shift = output - *exponent_of_two(n.scale(0));
  const int b_shift = output - *exponent_of_two(n.scale(1));
  if (a_shift < 0 || b_shift < 0 || (a_shift != 0 && b_shift != 0)) {
    return Unexpected(
        n.fail(fmt::format("pot_scale_int16 with input scales 2^{} and 2^{} of the output's", -a_shift, -b_shift),
               "the output's scale for one input, and at most that for the other", "clear pot_scale_int16"));
  }
  return PowerOfTwoSum{std::min(a_shift, 31), std::min(b_shift, 31), sign, quantized_range(n, activation)};
}

namespace {

template <class T>
void plain_sum(const Evaluation& n, Range<T> range, int32_t sign) {
  map_binary<T, T, T>(n, [&](T a, T b) { return clamp(static_cast<T>(sign > 0 ? a + b : a - b), range); });
}

}  // namespace

Expected<void> reference_sum(const Evaluation& n, Activation activation, bool pot_scale_int16, int32_t sign) {
  const auto quantized = [&]<class T>() { map_binary<T, T, T>(n, quantized_sum(n, activation, sign)); };
  switch (n.dtype(0)) {
    case DType::float32:
      plain_sum(n, float_range(activation), sign);
      break;
    case DType::uint8:
      quantized.operator()<uint8_t>();
      break;
    case DType::int8:
      quantized.operator()<int8_t>();
      break;
    case DType::int16:
      if (is_plain_int16(n)) {
        plain_sum(n, integer_range<int16_t>(activation), sign);
      } else if (is_power_of_two_sum(n, pot_scale_int16)) {
        ML_ASSIGN(const auto sum, power_of_two_sum(n, activation, sign));
        map_binary<int16_t, int16_t, int16_t>(n, sum);
      } else {
        quantized.operator()<int16_t>();
      }
      break;
    case DType::int32:
      plain_sum(n, integer_range<int32_t>(activation), sign);
      break;
    default:
      plain_sum(n, integer_range<int64_t>(activation), sign);
  }
  return {};
}

}  // namespace monolite::ops
