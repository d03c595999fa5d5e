#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  return expect_unary(n, {DType::float32, DType::int32, DType::int64});
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  if (n.dtype(0) == DType::int64) {
    map_unary<int64_t, int64_t>(n, [](int64_t) { return 0; });
  } else {
    map_unary<int32_t, int32_t>(n, [](int32_t) { return 0; });  // float32 as well: 0.0f has no bits set
  }
  return {};
}

}  // namespace

extern const OpDef zeros_like;
const OpDef zeros_like = define<NoAttributes>({.code = OpCode::ZEROS_LIKE,
                                               .options = "ZerosLikeOptions",
                                               .verify = verify,
                                               .infer = infer,
                                               .reference = reference});

}  // namespace monolite::ops
