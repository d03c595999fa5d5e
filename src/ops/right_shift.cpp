#include <algorithm>

#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_binary(n, {DType::int8, DType::uint8, DType::int16, DType::uint16, DType::int32, DType::uint32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

// By at least 0 bits and by at most all but one; signed numbers keep their sign.
template <class T>
void shift(const Evaluation& n) {
  constexpr int64_t most = sizeof(T) * 8 - 1;
  map_binary<T, T, T>(n, [=](T x, int64_t bits) { return x >> std::clamp<int64_t>(bits, 0, most); });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::int8:
      shift<int8_t>(n);
      break;
    case DType::uint8:
      shift<uint8_t>(n);
      break;
    case DType::int16:
      shift<int16_t>(n);
      break;
    case DType::uint16:
      shift<uint16_t>(n);
      break;
    case DType::int32:
      shift<int32_t>(n);
      break;
    default:
      shift<uint32_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef right_shift;
const OpDef right_shift = define<NoAttributes>({.code = OpCode::RIGHT_SHIFT,
                                                .options = "RightShiftOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .reference = reference});

}  // namespace monolite::ops
