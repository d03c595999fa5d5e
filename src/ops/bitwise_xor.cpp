#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_binary(n, {DType::int8, DType::uint8, DType::int16, DType::uint16, DType::int32, DType::uint32});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

template <class T>
void exclusive_or(const Evaluation& n) {
  map_binary<T, T, T>(n, [](T a, T b) { return a ^ b; });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (size_bytes(n.dtype(0))) {
    case 1:
      exclusive_or<uint8_t>(n);
      break;
    case 2:
      exclusive_or<uint16_t>(n);
      break;
    default:
      exclusive_or<uint32_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef bitwise_xor;
const OpDef bitwise_xor = define<NoAttributes>({.code = OpCode::BITWISE_XOR,
                                                .options = "BitwiseXorOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .reference = reference});

}  // namespace monolite::ops
