// BROADCAST_TO: the input under the shape of input 1; extents of 1, and those it does not have, are repeated.

#include <algorithm>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kShape = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kShape, {DType::int32, DType::int64}));
  return n.expect_rank(kShape, 1);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto wanted, n.ints(kShape));
  const Shape& in = n.shape(kInput);
  const int added = static_cast<int>(wanted.size()) - in.rank();
  Shape out;
  for (const int64_t d : wanted) out.push_back(static_cast<int32_t>(std::clamp<int64_t>(d, -1, INT32_MAX)));
  bool fits = added >= 0 && out.is_valid();
  for (int i = 0; fits && i < in.rank(); ++i) fits = in[i] == 1 || in[i] == out[added + i];
  if (fits) return Shapes{out};
  return Unexpected(n.fail("from " + to_string(in) + " to " + to_string(out), "extents of 1, or the same"));
}

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  const Shape& out = n.output_shape(0);
  const View in = View::dense(n.shape(kInput));
  View repeated;
  const int added = out.rank() - in.rank();
  for (int i = 0; i < out.rank(); ++i) {
    const bool repeats = i < added || in.extents[static_cast<size_t>(i - added)] == 1;
    repeated.extents.push_back(out[i]);
    repeated.strides.push_back(repeats ? 0 : in.strides[static_cast<size_t>(i - added)]);
  }
  return Copies{copy_whole(kInput, repeated)};
}

}  // namespace

extern const OpDef broadcast_to;
const OpDef broadcast_to = define<NoAttributes>({.code = OpCode::BROADCAST_TO,
                                                 .options = "BroadcastToOptions",
                                                 .verify = verify,
                                                 .infer = infer,
                                                 .copies = copies});

}  // namespace monolite::ops
