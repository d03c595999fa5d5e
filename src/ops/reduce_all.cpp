// REDUCE_ALL: are all elements true, over the dimensions that input 1 names?

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Reducer&) { return verify_reduction(n, {DType::boolean}); }

Expected<void> reference(const Evaluation& n, const Reducer&) {
  return reduce<bool>(n, true, [](bool all, bool x) { return all && x; });
}

}  // namespace

extern const OpDef reduce_all;
const OpDef reduce_all = define<Reducer>({.code = OpCode::REDUCE_ALL,
                                          .options = "ReducerOptions",
                                          .verify = verify,
                                          .infer = infer_reduction,
                                          .reference = reference});

}  // namespace monolite::ops
