// STABLEHLO_COMPOSITE: a named operation that stands for the graph it can be written out as; that graph is run.

#include "ops/op.h"
#include "ops/subgraph.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

struct Composite {  // of the schema's StableHLOCompositeOptions, what says how to compute it
  int32_t decomposition_subgraph_index = 0;
  template <class V>
  void visit(V&& v) {
    v("decomposition_subgraph_index", decomposition_subgraph_index);
  }
};

Expected<void> verify(const NodeView& n, const Composite& a) {
  ML_TRY(verify_callees(n));
  return expect_signature(n, a.decomposition_subgraph_index, 0, output_types(n));
}

Expected<Shapes> infer(const NodeView& n, const Composite& a) {
  ML_ASSIGN(const auto shapes, infer_callee(n, a.decomposition_subgraph_index, 0));
  return all_known(n, shapes);
}

Expected<void> reference(const Evaluation& n, const Composite& a) {
  WorkMeter own;
  ML_ASSIGN(const auto values, callee(n, a.decomposition_subgraph_index, own).invoke(input_values(n, 0)));
  return write_outputs(n, values);
}

}  // namespace

extern const OpDef stablehlo_composite;
const OpDef stablehlo_composite = define<Composite>({.code = OpCode::STABLEHLO_COMPOSITE,
                                                     .options = "StableHLOCompositeOptions",
                                                     .verify = verify,
                                                     .infer = infer,
                                                     .reference = reference});

}  // namespace monolite::ops
