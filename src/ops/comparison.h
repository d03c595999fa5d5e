#pragma once
// What EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL share.

#include <type_traits>

#include "base/fixed_point.h"
#include "ops/elementwise.h"

namespace monolite::ops {

// Which types a comparison takes beside float32, int32, int64 and quantized int8 and uint8.
struct ComparisonTypes {
  bool booleans = false;
  bool plain_int16 = true;       // int16 as integers, whatever its scale
  bool quantized_int16 = false;  // int16 with a scale as real numbers
};

// Two inputs of one type that broadcast, bool out.
Expected<void> verify_comparison(const NodeView& n, ComparisonTypes types);

// An input's quantized values as real numbers in fixed point, 8 bits below the point, as LiteRT compares them. A scale
// of 1 or more leaves the range of the shift: the result keeps the sign at best.
struct ComparedValue {
  int32_t zero_point;
  Multiplier multiplier;

  int32_t operator()(int32_t value) const {
    const int32_t shifted = (value - zero_point) * (1 << 8);
    return rounding_divide_as_x86(saturating_rounding_doubling_high_mul(shifted, multiplier.mantissa),
                                  -multiplier.shift);
  }
};
ComparedValue compared_value(const NodeView& n, int input);

template <class T, class Compare>
void compare_plain(const Evaluation& n, Compare compare) {
  map_binary<T, T, uint8_t>(n, [&](T a, T b) { return compare(a, b); });
}

template <class T, class Compare>
void compare_quantized(const Evaluation& n, Compare compare) {
  map_binary<T, T, uint8_t>(n, [&, a_value = compared_value(n, 0), b_value = compared_value(n, 1)](T a, T b) {
    return compare(a_value(a), b_value(b));
  });
}

// The reference kernel; `compare` takes two numbers of one type.
template <class Compare>
Expected<void> compare_elements(const Evaluation& n, ComparisonTypes types, Compare compare) {
  switch (n.dtype(0)) {
    case DType::float32:
      compare_plain<float>(n, compare);
      break;
    case DType::boolean:
      compare_plain<uint8_t>(n, [&](uint8_t a, uint8_t b) { return compare(a != 0, b != 0); });
      break;
    case DType::int32:
      compare_plain<int32_t>(n, compare);
      break;
    case DType::int64:
      compare_plain<int64_t>(n, compare);
      break;
    case DType::uint8:
      compare_quantized<uint8_t>(n, compare);
      break;
    case DType::int8:
      compare_quantized<int8_t>(n, compare);
      break;
    default:
      if (types.quantized_int16 && n.input(0).quantization.is_quantized()) {
        compare_quantized<int16_t>(n, compare);
      } else {
        compare_plain<int16_t>(n, compare);
      }
  }
  return {};
}

}  // namespace monolite::ops
