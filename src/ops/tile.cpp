// TILE: the input repeated in each dimension as often as input 1 says.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kMultiples = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kMultiples, {DType::int32, DType::int64}));
  if (n.shape(kMultiples).elements() == n.shape(kInput).rank()) return {};
  return Unexpected(n.fail_input(kMultiples, "shape " + to_string(n.shape(kMultiples)),
                                 fmt::format("{} numbers, one a dimension", n.shape(kInput).rank())));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto multiples, n.ints(kMultiples));
  Shape out = n.shape(kInput);
  for (int i = 0; i < out.rank(); ++i) {
    const int64_t m = multiples[static_cast<size_t>(i)];
    if (m < 0 || (out[i] > 0 && m > INT32_MAX / out[i])) {
      return Unexpected(n.fail_input(kMultiples, fmt::format("{} times {} elements", m, out[i]), "less than 2^31"));
    }
    out[i] = static_cast<int32_t>(out[i] * m);
  }
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto multiples, n.ints(kMultiples));
  const View in = View::dense(n.shape(kInput));
  View repeated;  // before each dimension one that repeats it
  for (size_t i = 0; i < in.extents.size(); ++i) {
    repeated.extents.insert(repeated.extents.end(), {multiples[i], in.extents[i]});
    repeated.strides.insert(repeated.strides.end(), {0, in.strides[i]});
  }
  return Copies{copy_whole(kInput, repeated)};
}

}  // namespace

extern const OpDef tile;
const OpDef tile = define<NoAttributes>(
    {.code = OpCode::TILE, .options = "TileOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
