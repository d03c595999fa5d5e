// L2_POOL_2D: the root of the mean of the squares of each window's pixels that lie inside of the picture.

#include <cmath>

#include "ops/op.h"
#include "ops/pool.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Pool2D& a) {
  ML_TRY(verify_pool(n, a));
  ML_TRY(n.expect_dtype(0, {DType::float32}));
  return n.expect_same_dtype(0, 0);
}

Expected<void> reference(const Evaluation& n, const Pool2D& a) {
  const Range<float> range = pool_range<float>(n, a);
  pool<float, float>(
      n, a, 0.0f, [](float& sum, float element) { sum += element * element; },
      [&](float sum, int32_t count) { return clamp(std::sqrt(sum / static_cast<float>(count)), range); });
  return {};
}

}  // namespace

extern const OpDef l2_pool_2d;
const OpDef l2_pool_2d = define<Pool2D>({.code = OpCode::L2_POOL_2D,
                                         .options = "Pool2DOptions",
                                         .verify = verify,
                                         .infer = infer_pool,
                                         .cost = pool_cost,
                                         .reference = reference});

}  // namespace monolite::ops
