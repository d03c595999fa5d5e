#include "ops/cast.h"

#include <cmath>

#include "base/float16.h"
#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

// Elements that are not numbers of C++.
struct Half {
  uint16_t bits;
};
struct Bool {
  uint8_t byte;
};

template <class T>
T number(T value) {
  return value;
}
float number(Half value) { return float_from_half(value.bits); }
int number(Bool value) { return value.byte != 0 ? 1 : 0; }

constexpr std::initializer_list<DType> kTypes = {DType::float32, DType::float64, DType::float16, DType::int8,
                                                 DType::uint8,   DType::int16,   DType::uint16,  DType::int32,
                                                 DType::uint32,  DType::int64,   DType::boolean};

// Calls f with a value of the type's C++ stand-in.
template <class F>
void with_type(DType dtype, F f) {
  switch (dtype) {
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    case DType::float16:
      return f(Half{});
    case DType::int8:
      return f(int8_t{});
    case DType::uint8:
      return f(uint8_t{});
    case DType::int16:
      return f(int16_t{});
    case DType::uint16:
      return f(uint16_t{});
    case DType::int32:
      return f(int32_t{});
    case DType::uint32:
      return f(uint32_t{});
    case DType::int64:
      return f(int64_t{});
    default:
      return f(Bool{});
  }
}

// Cut towards zero; beyond the range its end, and NaN the upper end.
template <class To, class From>
To saturate(From value) {
  constexpr To least = std::numeric_limits<To>::lowest(), most = std::numeric_limits<To>::max();
  // most + 1 is a power of two, exact in every type of real numbers.
  const From beyond = static_cast<From>(most / 2 + 1) * 2;
  if (value < static_cast<From>(least)) return least;
  return value < beyond ? static_cast<To>(value) : most;
}

template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<To, Bool>) {
    return {static_cast<uint8_t>(value != 0)};
  } else if constexpr (std::is_same_v<To, Half>) {
    return {half_from_float(static_cast<float>(value))};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return saturate<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

Expected<void> verify(const NodeView& n, const Cast&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(0, kTypes));
  return n.expect_output_dtype(0, kTypes);
}

Expected<Shapes> infer(const NodeView& n, const Cast&) { return same_shape(n); }

Expected<void> reference(const Evaluation& n, const Cast&) {
  with_type(n.dtype(0), [&](auto from) {
    with_type(n.output_dtype(0), [&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      map_unary<From, To>(n, [](From value) { return convert<To>(number(value)); });
    });
  });
  return {};
}

}  // namespace

extern const OpDef cast;
const OpDef cast = define<Cast>(
    {.code = OpCode::CAST, .options = "CastOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
