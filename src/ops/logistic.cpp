#include <fmt/format.h>

#include <cmath>

#include "ops/elementwise.h"
#include "ops/lookup_table.h"
#include "ops/op.h"
#include "ops/sigmoid_table.h"

namespace monolite::ops {
namespace {

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_unary(n, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  if (n.dtype(0) == DType::int16) return expect_sigmoid_scales(n, true);
  ML_TRY(expect_quantized_io(n));
  if (is_8bit(n.dtype(0)) && n.output_scale(0) != 1.0f / 256) {
    return Unexpected(n.fail_output(0, fmt::format("scale {}", n.output_scale(0)), "1/256"));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// Between two points of the table by the lower 9 bits; negative inputs by symmetry.
int16_t int16_sigmoid(int32_t x) {
  const auto& table = sigmoid_table();
  const auto magnitude = static_cast<uint32_t>(x < 0 ? -x : x);
  const uint32_t point = magnitude >> 9;
  uint32_t value = 0x7FFF << 10;
  if (point < 255) {
    const uint32_t here = table[point], next = table[point + 1];
    value = (here << 9) + (magnitude & 0x1FF) * (next - here);
  }
  value = x >= 0 ? value + (1 << 9) : (1 << 25) - value + (1 << 9) - 1;
  return static_cast<int16_t>(value >> 10);
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      map_unary<float, float>(n, sigmoid);
      break;
    case DType::uint8:
      map_byte_table(n, byte_table<uint8_t>(n, sigmoid));
      break;
    case DType::int8:
      map_byte_table(n, byte_table<int8_t>(n, sigmoid));
      break;
    default:
      map_unary<int16_t, int16_t>(n, [to = sigmoid_input(n, 0)](int16_t x) { return int16_sigmoid(to(x)); });
  }
  return {};
}

}  // namespace

extern const OpDef logistic;
const OpDef logistic =
    define<NoAttributes>({.code = OpCode::LOGISTIC, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
