#pragma once
// Ops that take one picture, for a batch of them.

#include <cstdint>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::reshaping {

// Replaces detection node `node` by a SPLIT of its boxes and scores, one detection for each picture, and a
// CONCATENATION of each output.
//
// Errors: the node has not three inputs and four outputs; more pictures than kMostPictures.
inline constexpr int32_t kMostPictures = 256;
Expected<void> split_detection(Graph& graph, size_t node, int32_t pictures);

}  // namespace monolite::reshaping
