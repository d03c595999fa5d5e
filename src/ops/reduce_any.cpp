// REDUCE_ANY: is any element true, over the dimensions that input 1 names?

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Reducer&) { return verify_reduction(n, {DType::boolean}); }

Expected<void> reference(const Evaluation& n, const Reducer&) {
  return reduce<bool>(n, false, [](bool any, bool x) { return any || x; });
}

}  // namespace

extern const OpDef reduce_any;
const OpDef reduce_any = define<Reducer>({.code = OpCode::REDUCE_ANY,
                                          .options = "ReducerOptions",
                                          .verify = verify,
                                          .infer = infer_reduction,
                                          .reference = reference});

}  // namespace monolite::ops
