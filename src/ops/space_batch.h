#pragma once
// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: blocks of the dimensions behind the first go into batches, and come out
// again. Input 1 has the blocks' extents, input 2 how far the spatial dimensions are padded (or cropped) before and
// after.

#include <optional>
#include <vector>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {

struct SpatialBlock {
  int64_t size, before, after;
};

Expected<void> verify_blocks(const NodeView& n);

// One for each spatial dimension; every size at least 1, no amount negative, none above 2^31.
Expected<std::vector<SpatialBlock>> spatial_blocks(const NodeView& n);

// How a part of the space is spread over the batches: what one batch of each picture takes of it.
struct BatchPart {
  View space, batches;
};

// All of them; `space` is the side with the pictures, `batches` the one with the blocks' elements as batches. Nothing
// where they are more than kMostBatchParts.
inline constexpr int64_t kMostBatchParts = 4096;
std::optional<std::vector<BatchPart>> batch_parts(const Shape& space, const Shape& batches,
                                                  const std::vector<SpatialBlock>& blocks);

// The batches as [block…, N, H, W, …, C] (sizes of the blocks first) -> dimensions in the order N, H, block, W, block,
// …, C.
std::vector<int> batch_to_space_order(int blocks, int rank);

}  // namespace monolite::ops
