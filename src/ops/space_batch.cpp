#include "ops/space_batch.h"

#include <fmt/format.h>

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kBlocks = 1, kAmounts = 2;

}  // namespace

Expected<void> verify_blocks(const NodeView& n) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(expect_same_mapping(n, kInput, 0));
  ML_TRY(n.expect_dtype(kBlocks, {DType::int32}));
  ML_TRY(n.expect_dtype(kAmounts, {DType::int32}));
  ML_TRY(n.expect_rank(kBlocks, 1));
  const int32_t blocks = n.shape(kBlocks)[0];
  if (blocks >= n.shape(kInput).rank()) {
    return Unexpected(n.fail_input(kBlocks, fmt::format("{} blocks", blocks),
                                   fmt::format("fewer than the input's {} dimensions", n.shape(kInput).rank())));
  }
  if (n.shape(kAmounts) == Shape{blocks, 2}) return {};
  return Unexpected(n.fail_input(kAmounts, "shape " + to_string(n.shape(kAmounts)), to_string(Shape{blocks, 2})));
}

Expected<std::vector<SpatialBlock>> spatial_blocks(const NodeView& n) {
  ML_ASSIGN(const auto sizes, n.ints(kBlocks));
  ML_ASSIGN(const auto amounts, n.ints(kAmounts));
  std::vector<SpatialBlock> blocks;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const SpatialBlock b{sizes[i], amounts[2 * i], amounts[2 * i + 1]};
    if (b.size < 1 || b.before < 0 || b.after < 0) {
      return Unexpected(n.fail(fmt::format("block {}, {} before, {} after", b.size, b.before, b.after),
                               "a block of at least 1, amounts of at least 0"));
    }
    blocks.push_back(b);
  }
  return blocks;
}

std::vector<int> batch_to_space_order(int blocks, int rank) {
  std::vector<int> order{blocks};
  for (int i = 0; i < blocks; ++i) {
    order.push_back(blocks + 1 + i);
    order.push_back(i);
  }
  for (int i = blocks + 1; i < rank; ++i) order.push_back(blocks + i);
  return order;
}

}  // namespace monolite::ops
