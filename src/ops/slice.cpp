// SLICE: of each dimension `size` elements from `begin` on (inputs 2 and 1); a size of -1 means all that follow.

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kBegin = 1, kSize = 2;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  for (const int i : {kBegin, kSize}) {
    ML_TRY(n.expect_dtype(i, {DType::int32, DType::int64}));
    if (n.shape(i) != Shape{n.shape(kInput).rank()}) {
      return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)),
                                     fmt::format("{} elements, one a dimension", n.shape(kInput).rank())));
    }
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto begin, n.ints(kBegin));
  ML_ASSIGN(const auto size, n.ints(kSize));
  Shape out = n.shape(kInput);
  for (int i = 0; i < out.rank(); ++i) {
    const int64_t extent = out[i], b = begin[static_cast<size_t>(i)], s = size[static_cast<size_t>(i)];
    if (b < 0 || b > extent || s < -1 || s > extent - b) {
      return Unexpected(n.fail(fmt::format("begin {} and size {} in dimension {}", b, s, i),
                               fmt::format("a part of its {} elements", extent)));
    }
    out[i] = static_cast<int32_t>(s == -1 ? extent - b : s);
  }
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto begin, n.ints(kBegin));
  View part = View::dense(n.shape(kInput));
  for (int i = 0; i < part.rank(); ++i) part = part.take(i, begin[static_cast<size_t>(i)], n.output_shape(0)[i]);
  return Copies{copy_whole(kInput, part)};
}

}  // namespace

extern const OpDef slice;
const OpDef slice = define<NoAttributes>(
    {.code = OpCode::SLICE, .options = "SliceOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
