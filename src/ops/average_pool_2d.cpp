// AVERAGE_POOL_2D: the mean of the pixels of each window that lie inside of the picture. Integers are rounded to the
// nearest, halves away from zero on the raw values.

#include "ops/op.h"
#include "ops/pool.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Pool2D& a) {
  ML_TRY(verify_pool(n, a));
  return expect_pool_types(n, a);
}

template <class T>
void average(const Evaluation& n, const Pool2D& a) {
  const Range<T> range = pool_range<T>(n, a);
  pool<T, int32_t>(
      n, a, 0, [](int32_t& sum, T element) { sum += element; },
      [&](int32_t sum, int32_t count) {
        const int32_t rounded = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
        return static_cast<T>(clamp<int32_t>(rounded, {range.least, range.most}));
      });
}

void float_average(const Evaluation& n, const Pool2D& a) {
  const Range<float> range = pool_range<float>(n, a);
  pool<float, float>(
      n, a, 0.0f, [](float& sum, float element) { sum += element; },
      [&](float sum, int32_t count) { return clamp(sum / static_cast<float>(count), range); });
}

Expected<void> reference(const Evaluation& n, const Pool2D& a) {
  switch (n.dtype(0)) {
    case DType::float32:
      float_average(n, a);
      break;
    case DType::uint8:
      average<uint8_t>(n, a);
      break;
    case DType::int8:
      average<int8_t>(n, a);
      break;
    default:
      average<int16_t>(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef average_pool_2d;
const OpDef average_pool_2d = define<Pool2D>({.code = OpCode::AVERAGE_POOL_2D,
                                              .options = "Pool2DOptions",
                                              .verify = verify,
                                              .infer = infer_pool,
                                              .cost = pool_cost,
                                              .reference = reference});

}  // namespace monolite::ops
