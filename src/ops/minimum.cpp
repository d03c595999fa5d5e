#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_binary(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return binary_shape(n); }

// Quantized numbers as they stand: the three tensors have one quantization.
template <class T>
void smaller(const Evaluation& n) {
  map_binary<T, T, T>(n, [](T a, T b) { return a < b ? a : b; });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float32:
      smaller<float>(n);
      break;
    case DType::uint8:
      smaller<uint8_t>(n);
      break;
    case DType::int8:
      smaller<int8_t>(n);
      break;
    case DType::int16:
      smaller<int16_t>(n);
      break;
    case DType::int32:
      smaller<int32_t>(n);
      break;
    default:
      smaller<int64_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef minimum;
const OpDef minimum = define<NoAttributes>({.code = OpCode::MINIMUM,
                                            .options = "MaximumMinimumOptions",
                                            .verify = verify,
                                            .infer = infer,
                                            .reference = reference});

}  // namespace monolite::ops
