#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/selection.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(verify_selection_types(n));
  return expect_broadcast(n, 0, 3);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  return Shapes{selection_shape(n, broadcast_shape(n, 0, 3))};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) { return select_elements(n, n.shape(0)); }

}  // namespace

extern const OpDef select_v2;
const OpDef select_v2 = define<NoAttributes>({.code = OpCode::SELECT_V2,
                                              .options = "SelectV2Options",
                                              .verify = verify,
                                              .infer = infer,
                                              .reference = reference});

}  // namespace monolite::ops
