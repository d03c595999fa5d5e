#include <cmath>

#include "ops/elementwise.h"
#include "ops/lookup_table.h"
#include "ops/op.h"
#include "ops/sigmoid_table.h"

namespace monolite::ops {
namespace {

float tanh_of(float x) { return std::tanh(x); }

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  return n.dtype(0) == DType::int16 ? expect_sigmoid_scales(n, false) : expect_quantized_io(n);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// 2 sigmoid(2x) - 1, between two points of the table by the lower 8 bits; negative inputs by symmetry.
int16_t int16_tanh(int32_t x) {
  const auto& table = sigmoid_table();
  const auto magnitude = static_cast<uint32_t>(x < 0 ? -x : x);
  const uint32_t point = magnitude >> 8;
  int32_t value = 0xFFFF << 8;
  if (point < 255) {
    const int32_t here = table[point], next = table[point + 1];
    value = (here << 8) + static_cast<int32_t>(magnitude & 0xFF) * (next - here);
  }
  constexpr int32_t one_half = 1 << 23, rounding = 1 << 7;
  value = x >= 0 ? value - one_half + rounding : -value + one_half + rounding - 1;
  return static_cast<int16_t>(value >> 8);
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, tanh_of);
      break;
    case DType::uint8:
      map_byte_table(n, byte_table<uint8_t>(n, tanh_of));
      break;
    case DType::int8:
      map_byte_table(n, byte_table<int8_t>(n, tanh_of));
      break;
    default:
      map_unary<int16_t, int16_t>(n, [to = sigmoid_input(n, 1)](int16_t x) { return int16_tanh(to(x)); });
  }
  return {};
}

}  // namespace

extern const OpDef tanh;
const OpDef tanh =
    define<NoAttributes>({.code = OpCode::TANH, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
