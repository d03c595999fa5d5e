#pragma once
// Channels of a tensor as tensors of their own, and back: what to_int8 puts around filters that do not fit.

#include <vector>

#include "ir/graph.h"

namespace monolite::quantize {

// `count` channels from `first` on, of a tensor whose shape is known, its last dimension being the channels. The SLICE
// joins `nodes`.
TensorId slice_channels(Graph& graph, TensorId x, int32_t first, int32_t count, std::vector<Node>& nodes);

// The tensors of `channels`, in that order, in pieces as long as they are neighbours.
std::vector<TensorId> slice_runs(Graph& graph, TensorId x, const std::vector<int32_t>& channels,
                                 std::vector<Node>& nodes);

// Writes the parts, one behind the other along the last dimension, to `out`, which has their sum of channels. Of more
// than five parts the last ones are joined first: XNNPACK takes no more in one CONCATENATION.
void join_channels(Graph& graph, std::vector<TensorId> parts, TensorId out, std::vector<Node>& nodes);

}  // namespace monolite::quantize
