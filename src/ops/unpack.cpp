// UNPACK: the slices of dimension `axis`, an output each; the dimension goes.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

struct Unpack {  // the schema's UnpackOptions
  int32_t num = 0, axis = 0;
  template <class V>
  void visit(V&& v) {
    v("num", num);
    v("axis", axis);
  }
};

Expected<void> verify(const NodeView& n, const Unpack& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(expect_movable(n, 0));
  ML_ASSIGN(const int axis, axis_of(n, a.axis, n.shape(0).rank()));
  if (n.shape(0)[axis] != n.output_count()) {
    return Unexpected(n.fail(fmt::format("{} outputs for {} slices", n.output_count(), n.shape(0)[axis]), "one each"));
  }
  for (int i = 0; i < n.output_count(); ++i) {
    ML_TRY(n.expect_same_dtype(0, i));
    ML_TRY(expect_same_mapping(n, 0, i));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const Unpack& a) {
  const Shape& in = n.shape(0);
  ML_ASSIGN(const int axis, axis_of(n, a.axis, in.rank()));
  Shape out(in.begin(), in.begin() + axis);
  for (int i = axis + 1; i < in.rank(); ++i) out.push_back(in[i]);
  return Shapes(static_cast<size_t>(n.output_count()), out);
}

Expected<Copies> copies(const NodeView& n, const Unpack& a) {
  const View in = View::dense(n.shape(0));
  ML_ASSIGN(const int axis, axis_of(n, a.axis, in.rank()));
  Copies all;
  for (int i = 0; i < n.output_count(); ++i) all.push_back(copy_whole(0, in.at(axis, i), i));
  return all;
}

}  // namespace

extern const OpDef unpack;
const OpDef unpack = define<Unpack>(
    {.code = OpCode::UNPACK, .options = "UnpackOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
