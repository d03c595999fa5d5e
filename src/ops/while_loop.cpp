// WHILE: as long as one graph says so of the values, another makes them anew.

#include <fmt/format.h>

#include "ops/limits.h"
#include "ops/op.h"
#include "ops/subgraph.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

struct While {  // the schema's WhileOptions
  int32_t cond_subgraph_index = 0, body_subgraph_index = 0;
  template <class V>
  void visit(V&& v) {
    v("cond_subgraph_index", cond_subgraph_index);
    v("body_subgraph_index", body_subgraph_index);
  }
};

Expected<void> verify(const NodeView& n, const While& a) {
  ML_TRY(n.expect_outputs(n.input_count()));
  ML_TRY(verify_callees(n));
  if (a.cond_subgraph_index == a.body_subgraph_index) {
    return Unexpected(n.fail("one subgraph as condition and body", "two"));
  }
  ML_TRY(expect_signature(n, a.cond_subgraph_index, 0, {DType::boolean}));
  ML_TRY(expect_signature(n, a.body_subgraph_index, 0, output_types(n)));
  for (int i = 0; i < n.input_count(); ++i) ML_TRY(n.expect_same_dtype(i, i));
  return {};
}

// A shape that follows from values (a list of which one row is written anew) is taken to stay; that is checked at the
// end.
Expected<Shapes> infer(const NodeView& n, const While& a) {
  ML_ASSIGN(const auto given, infer_callee(n, a.body_subgraph_index, 0));
  Shapes shapes;
  for (int i = 0; i < n.input_count(); ++i) {
    const Shape& start = n.shape(i);
    const Shape& after = given[static_cast<size_t>(i)].value_or(start);
    if (after != start && !(after.elements() == 1 && start.elements() == 1)) {
      return Unexpected(
          n.fail_input(i, fmt::format("shape {}, and {} after the first round", to_string(start), to_string(after)),
                       "a shape that stays", "shapes that change while a loop runs are not computed"));
    }
    shapes.push_back(after);
  }
  return shapes;
}

Expected<bool> goes_on(Evaluator& condition, const std::vector<Value>& values, const NodeView& n) {
  ML_ASSIGN(const auto answer, condition.invoke(values));
  if (answer[0].data.size_bytes() == 1) return answer[0].data.get<uint8_t>(0) != 0;
  return Unexpected(n.fail("a condition of shape " + to_string(answer[0].shape), "one element"));
}

Expected<void> reference(const Evaluation& n, const While& a) {
  WorkMeter own;
  Evaluator condition = callee(n, a.cond_subgraph_index, own), body = callee(n, a.body_subgraph_index, own);
  std::vector<Value> values = input_values(n, 0);
  for (int64_t round = 0;; ++round) {
    ML_ASSIGN(const bool more, goes_on(condition, values, n));
    if (!more) return write_outputs(n, values);
    if (round == kMostRounds) {
      return Unexpected(n.fail(fmt::format("a loop of more than {} rounds", kMostRounds), "one that ends before",
                               "where the input is right, the file is damaged"));
    }
    ML_ASSIGN(values, body.invoke(values));
  }
}

}  // namespace

extern const OpDef while_loop;
const OpDef while_loop = define<While>(
    {.code = OpCode::WHILE, .options = "WhileOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
