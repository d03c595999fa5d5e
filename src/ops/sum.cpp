// SUM: the sum over the dimensions that input 1 names.

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Reducer&) {
  ML_TRY(verify_reduction(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  if (size_bits(n.dtype(0)) > 16) return {};
  ML_TRY(n.expect_quantized(0));
  return n.expect_output_quantized(0);
}

template <class T>
Expected<void> plain_sum(const Evaluation& n) {
  return reduce<T>(n, T{0}, [](T sum, T x) { return sum + x; });
}

template <class T>
Expected<void> quantized_sum(const Evaluation& n) {
  ML_ASSIGN(const Reduction r, Reduction::of(n));
  const double scale = static_cast<double>(n.scale(0)) / static_cast<double>(n.output_scale(0));
  write_sums<T>(n, r, quantize_multiplier(scale));
  return {};
}

Expected<void> reference(const Evaluation& n, const Reducer&) {
  switch (n.dtype(0)) {
    case DType::float32:
      return plain_sum<float>(n);
    case DType::uint8:
      return quantized_sum<uint8_t>(n);
    case DType::int8:
      // LiteRT's reference kernel reads and writes int8 as if it were uint8 (its optimized one does not), and the same
      // bits are what this backend promises.
      return quantized_sum<uint8_t>(n);
    case DType::int16:
      return quantized_sum<int16_t>(n);
    case DType::int32:
      return plain_sum<int32_t>(n);
    default:
      return plain_sum<int64_t>(n);
  }
}

}  // namespace

extern const OpDef sum;
const OpDef sum = define<Reducer>({.code = OpCode::SUM,
                                   .options = "ReducerOptions",
                                   .verify = verify,
                                   .infer = infer_reduction,
                                   .reference = reference});

}  // namespace monolite::ops
