#include "ops/depth_to_space.h"

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const DepthToSpace& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 4));
  ML_TRY(expect_movable(n, 0));
  ML_TRY(n.expect_same_dtype(0, 0));
  const int64_t b = a.block_size;
  if (b < 1 || b > 46340 || n.shape(0)[3] % (b * b) != 0) {
    return Unexpected(n.fail(fmt::format("block size {} for {} channels", b, n.shape(0)[3]),
                             "one whose square divides the channels"));
  }
  if (n.shape(0)[1] > INT32_MAX / b || n.shape(0)[2] > INT32_MAX / b) {
    return Unexpected(
        n.fail_input(0, "shape " + to_string(n.shape(0)), "an output of less than 2^31 rows and columns"));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const DepthToSpace& a) {
  const Shape& in = n.shape(0);
  const int32_t b = a.block_size;
  return Shapes{{in[0], in[1] * b, in[2] * b, in[3] / (b * b)}};
}

Expected<Copies> copies(const NodeView& n, const DepthToSpace& a) {
  const Shape& in = n.shape(0);
  const int32_t b = a.block_size;
  const View blocks = View::dense(Shape{in[0], in[1], in[2], b, b, in[3] / (b * b)});
  return Copies{copy_whole(0, blocks.permuted({0, 1, 3, 2, 4, 5}))};
}

}  // namespace

extern const OpDef depth_to_space;
const OpDef depth_to_space = define<DepthToSpace>({.code = OpCode::DEPTH_TO_SPACE,
                                                   .options = "DepthToSpaceOptions",
                                                   .verify = verify,
                                                   .infer = infer,
                                                   .copies = copies});

}  // namespace monolite::ops
