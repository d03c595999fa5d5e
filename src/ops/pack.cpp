// PACK: inputs of one shape -> a new dimension `axis`, a slice for each input.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

struct Pack {  // the schema's PackOptions
  int32_t values_count = 0, axis = 0;
  template <class V>
  void visit(V&& v) {
    v("values_count", values_count);
    v("axis", axis);
  }
};

Expected<void> verify(const NodeView& n, const Pack& a) {
  if (n.input_count() < 1) return Unexpected(n.fail("no inputs", "at least one"));
  ML_TRY(n.expect_inputs(n.input_count(), n.input_count()));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(axis_of(n, a.axis, n.shape(0).rank() + 1));
  for (int i = 0; i < n.input_count(); ++i) {
    ML_TRY(expect_movable(n, i));
    ML_TRY(n.expect_same_dtype(i, 0));
    ML_TRY(expect_same_mapping(n, i, 0));
    if (n.shape(i) != n.shape(0)) {
      return Unexpected(
          n.fail_input(i, "shape " + to_string(n.shape(i)), "the first input's " + to_string(n.shape(0))));
    }
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const Pack& a) {
  const Shape& in = n.shape(0);
  ML_ASSIGN(const int axis, axis_of(n, a.axis, in.rank() + 1));
  Shape out(in.begin(), in.begin() + axis);
  out.push_back(n.input_count());
  for (int i = axis; i < in.rank(); ++i) out.push_back(in[i]);
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const Pack& a) {
  const View out = View::dense(n.output_shape(0));
  ML_ASSIGN(const int axis, axis_of(n, a.axis, out.rank()));
  Copies all;
  for (int i = 0; i < n.input_count(); ++i) {
    all.push_back(copy_whole(i, View::dense(n.shape(i))));
    all.back().to = out.at(axis, i);
  }
  return all;
}

}  // namespace

extern const OpDef pack;
const OpDef pack =
    define<Pack>({.code = OpCode::PACK, .options = "PackOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
