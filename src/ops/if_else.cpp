// IF: input 0 says which of two graphs runs on the other inputs.

#include "ops/op.h"
#include "ops/subgraph.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

struct If {  // the schema's IfOptions
  int32_t then_subgraph_index = 0, else_subgraph_index = 0;
  template <class V>
  void visit(V&& v) {
    v("then_subgraph_index", then_subgraph_index);
    v("else_subgraph_index", else_subgraph_index);
  }
};

Expected<void> verify(const NodeView& n, const If& a) {
  if (!n.has_input(0)) return Unexpected(n.fail("no condition", "one as input 0"));
  ML_TRY(n.expect_dtype(0, {DType::boolean}));
  if (n.shape(0).elements() != 1) {
    return Unexpected(n.fail_input(0, "shape " + to_string(n.shape(0)), "one element"));
  }
  ML_TRY(verify_callees(n));
  ML_TRY(expect_signature(n, a.then_subgraph_index, 1, output_types(n)));
  return expect_signature(n, a.else_subgraph_index, 1, output_types(n));
}

int32_t chosen(const NodeView& n, const If& a) {
  return *n.data<uint8_t>(0) != 0 ? a.then_subgraph_index : a.else_subgraph_index;
}

// Before it is known which graph runs, shapes are known where both agree.
Expected<Shapes> infer(const NodeView& n, const If& a) {
  if (n.has_value(0)) {
    ML_ASSIGN(const auto shapes, infer_callee(n, chosen(n, a), 1));
    return all_known(n, shapes);
  }
  ML_ASSIGN(auto shapes, infer_callee(n, a.then_subgraph_index, 1));
  ML_ASSIGN(const auto otherwise, infer_callee(n, a.else_subgraph_index, 1));
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i] != otherwise[i]) shapes[i].reset();
  }
  return all_known(n, shapes);
}

Expected<void> reference(const Evaluation& n, const If& a) {
  WorkMeter own;
  ML_ASSIGN(const auto values, callee(n, chosen(n, a), own).invoke(input_values(n, 1)));
  return write_outputs(n, values);
}

}  // namespace

extern const OpDef if_else;
const OpDef if_else =
    define<If>({.code = OpCode::IF, .options = "IfOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
