// REDUCE_MIN: the smallest element over the dimensions that input 1 names.

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Reducer&) {
  return verify_selection(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64});
}

template <class T>
Expected<void> smallest(const Evaluation& n) {
  return reduce<T>(n, std::numeric_limits<T>::max(), [](T best, T x) { return x < best ? x : best; });
}

Expected<void> reference(const Evaluation& n, const Reducer&) {
  switch (n.dtype(0)) {
    case DType::float32:
      return smallest<float>(n);
    case DType::uint8:
      return smallest<uint8_t>(n);
    case DType::int8:
      return smallest<int8_t>(n);
    case DType::int16:
      return smallest<int16_t>(n);
    case DType::int32:
      return smallest<int32_t>(n);
    default:
      return smallest<int64_t>(n);
  }
}

}  // namespace

extern const OpDef reduce_min;
const OpDef reduce_min = define<Reducer>({.code = OpCode::REDUCE_MIN,
                                          .options = "ReducerOptions",
                                          .verify = verify,
                                          .infer = infer_reduction,
                                          .reference = reference});

}  // namespace monolite::ops
