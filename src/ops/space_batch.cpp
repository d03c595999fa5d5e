#include "ops/space_batch.h"

#include <fmt/format.h>

#include <algorithm>

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

std::optional<std::vector<BatchPart>> batch_parts(const Shape& space, const Shape& batches,
                                                  const std::vector<SpatialBlock>& blocks) {
  int64_t count = 1;
  for (const SpatialBlock& b : blocks) {
    if (b.size > kMostBatchParts) return {};
    count *= b.size;
    if (count > kMostBatchParts) return {};
  }
  std::vector<BatchPart> parts;
  for (int64_t i = 0; i < count; ++i) {
    BatchPart part{View::dense(space), View::dense(batches).take(0, i * space[0], space[0])};
    int64_t rest = i;
    for (size_t k = blocks.size(); k-- > 0;) {
      const auto [size, before, after] = blocks[k];
      const int axis = static_cast<int>(k) + 1;
      const int64_t first_place = rest % size - before;  // of the batch's element 0 in the space
      rest /= size;
      const int64_t first = first_place < 0 ? (size - 1 - first_place) / size : 0;
      const int64_t end = std::min<int64_t>(batches[axis], (space[axis] - first_place + size - 1) / size);
      const int64_t extent = std::max<int64_t>(0, end - first);
      part.space = part.space.take(axis, first_place + first * size, extent, size);
      part.batches = part.batches.take(axis, first, extent);
    }
    parts.push_back(std::move(part));
  }
  return parts;
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
