// SQUEEZE: the same elements without the extents of 1 that squeeze_dims names, or without any where it names none.

#include <fmt/format.h>

#include <vector>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

struct Squeeze {  // the schema's SqueezeOptions
  std::vector<int32_t> squeeze_dims;
  template <class V>
  void visit(V&& v) {
    v("squeeze_dims", squeeze_dims);
  }
};

Expected<void> verify(const NodeView& n, const Squeeze& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, 0));
  ML_TRY(n.expect_same_dtype(0, 0));
  for (const int32_t d : a.squeeze_dims) {
    ML_ASSIGN(const int axis, axis_of(n, d, n.shape(0).rank()));
    if (n.shape(0)[axis] != 1) {
      return Unexpected(n.fail_input(0, "shape " + to_string(n.shape(0)), fmt::format("1 in dimension {}", axis)));
    }
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const Squeeze& a) {
  const Shape& in = n.shape(0);
  std::vector<bool> goes(static_cast<size_t>(in.rank()));
  for (int i = 0; i < in.rank(); ++i) goes[static_cast<size_t>(i)] = a.squeeze_dims.empty() && in[i] == 1;
  for (const int32_t d : a.squeeze_dims) goes[static_cast<size_t>(d < 0 ? d + in.rank() : d)] = true;
  Shape out;
  for (int i = 0; i < in.rank(); ++i) {
    if (!goes[static_cast<size_t>(i)]) out.push_back(in[i]);
  }
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const Squeeze&) { return Copies{copy_whole(0, View::dense(n.shape(0)))}; }

}  // namespace

extern const OpDef squeeze;
const OpDef squeeze = define<Squeeze>(
    {.code = OpCode::SQUEEZE, .options = "SqueezeOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
