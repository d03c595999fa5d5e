// MAX_POOL_2D: the largest of the pixels of each window that lie inside of the picture.

#include "ops/op.h"
#include "ops/pool.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Pool2D& a) {
  ML_TRY(verify_pool(n, a));
  return expect_pool_types(n, a);
}

template <class T>
void largest(const Evaluation& n, const Pool2D& a) {
  const Range<T> range = pool_range<T>(n, a);
  pool<T, T>(
      n, a, std::numeric_limits<T>::lowest(), [](T& most, T element) { most = std::max(most, element); },
      [&](T most, int32_t) { return clamp(most, range); });
}

Expected<void> reference(const Evaluation& n, const Pool2D& a) {
  switch (n.dtype(0)) {
    case DType::float32:
      largest<float>(n, a);
      break;
    case DType::uint8:
      largest<uint8_t>(n, a);
      break;
    case DType::int8:
      largest<int8_t>(n, a);
      break;
    default:
      largest<int16_t>(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef max_pool_2d;
const OpDef max_pool_2d = define<Pool2D>({.code = OpCode::MAX_POOL_2D,
                                          .options = "Pool2DOptions",
                                          .verify = verify,
                                          .infer = infer_pool,
                                          .cost = pool_cost,
                                          .reference = reference});

}  // namespace monolite::ops
