// DYNAMIC_UPDATE_SLICE: input 0 with input 1 laid over it from input 2 on; a start that would let it stick out is moved
// in.

#include <algorithm>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kUpdate = 1, kStart = 2;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_same_dtype(kUpdate, 0));
  ML_TRY(n.expect_dtype(kStart, {DType::int32, DType::int64}));
  const Shape &in = n.shape(kInput), &update = n.shape(kUpdate);
  bool fits = update.rank() == in.rank();
  for (int i = 0; fits && i < in.rank(); ++i) fits = update[i] <= in[i];
  if (!fits) return Unexpected(n.fail_input(kUpdate, "shape " + to_string(update), "a part of " + to_string(in)));
  if (n.shape(kStart) == Shape{in.rank()}) return {};
  return Unexpected(n.fail_input(kStart, "shape " + to_string(n.shape(kStart)), "a number for each dimension"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(kInput)}; }

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const Shape &in = n.shape(kInput), &update = n.shape(kUpdate);
  make_copies(n, {copy_whole(kInput, View::dense(in))});
  View part = View::dense(in);
  for (int i = 0; i < in.rank(); ++i) {
    part = part.take(i, std::clamp<int64_t>(index_at(n, kStart, i), 0, in[i] - update[i]), update[i]);
  }
  copy_view(n.data<std::byte>(kUpdate), View::dense(update), n.out<std::byte>(0), part, size_bytes(n.dtype(kInput)));
  return {};
}

}  // namespace

extern const OpDef dynamic_update_slice;
const OpDef dynamic_update_slice = define<NoAttributes>({.code = OpCode::DYNAMIC_UPDATE_SLICE,
                                                         .options = "DynamicUpdateSliceOptions",
                                                         .verify = verify,
                                                         .infer = infer,
                                                         .reference = reference});

}  // namespace monolite::ops
