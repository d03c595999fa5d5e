// REDUCE_MAX: the largest element over the dimensions that input 1 names.

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Reducer&) {
  return verify_selection(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64});
}

template <class T>
Expected<void> largest(const Evaluation& n) {
  return reduce<T>(n, std::numeric_limits<T>::lowest(), [](T best, T x) { return x > best ? x : best; });
}

Expected<void> reference(const Evaluation& n, const Reducer&) {
  switch (n.dtype(0)) {
    case DType::float32:
      return largest<float>(n);
    case DType::uint8:
      return largest<uint8_t>(n);
    case DType::int8:
      return largest<int8_t>(n);
    case DType::int16:
      return largest<int16_t>(n);
    case DType::int32:
      return largest<int32_t>(n);
    default:
      return largest<int64_t>(n);
  }
}

}  // namespace

extern const OpDef reduce_max;
const OpDef reduce_max = define<Reducer>({.code = OpCode::REDUCE_MAX,
                                          .options = "ReducerOptions",
                                          .verify = verify,
                                          .infer = infer_reduction,
                                          .reference = reference});

}  // namespace monolite::ops
