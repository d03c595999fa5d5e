#include "ops/space_to_depth.h"

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const SpaceToDepth& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 4));
  ML_TRY(expect_movable(n, 0));
  ML_TRY(n.expect_same_dtype(0, 0));
  const int32_t b = a.block_size;
  const Shape& in = n.shape(0);
  if (b < 1 || b > 46340 || in[1] % b != 0 || in[2] % b != 0 || in[3] > INT32_MAX / (b * b)) {
    return Unexpected(
        n.fail(fmt::format("block size {} for {}", b, to_string(in)), "one that divides rows and columns"));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const SpaceToDepth& a) {
  const Shape& in = n.shape(0);
  const int32_t b = a.block_size;
  return Shapes{{in[0], in[1] / b, in[2] / b, in[3] * b * b}};
}

Expected<Copies> copies(const NodeView& n, const SpaceToDepth& a) {
  const Shape& in = n.shape(0);
  const int32_t b = a.block_size;
  const View blocks = View::dense(Shape{in[0], in[1] / b, b, in[2] / b, b, in[3]});
  return Copies{copy_whole(0, blocks.permuted({0, 1, 3, 2, 4, 5}))};
}

}  // namespace

extern const OpDef space_to_depth;
const OpDef space_to_depth = define<SpaceToDepth>({.code = OpCode::SPACE_TO_DEPTH,
                                                   .options = "SpaceToDepthOptions",
                                                   .verify = verify,
                                                   .infer = infer,
                                                   .copies = copies});

}  // namespace monolite::ops
