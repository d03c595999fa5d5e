#pragma once
// A depthwise filter of which a few channels do not fit int8: these become a CONV_2D, whose sum over channels can take
// a weight in several parts.

#include <cstdint>
#include <vector>

#include "ir/graph.h"

namespace monolite::quantize {

// The output channels of a DEPTHWISE_CONV_2D with uint8 weights that leave -127..127 once the zero point is taken off.
// Empty where there are none, more than are worth it (16), or the node is of another form: shapes that are not known,
// a filter or bias that is computed.
std::vector<int32_t> channels_to_split(const Graph& graph, const Node& node);

struct DepthwiseSplit {
  std::vector<Node> behind;  // to be put behind the node
  // Where one CONV_2D alone reads what the node wrote: the parts that its input is to be joined from, in this order.
  // Its filter is made for them: channels that went have weights of zero where they were, and their own behind all
  // others. Else empty: `behind` ends with the node that writes all channels in their order.
  std::vector<TensorId> parts;
};

// Takes `channels`, not empty, out of depthwise node `index` that channels_to_split was asked about. Their inputs go,
// twice or three times, into a CONV_2D with the same sums, bit for bit. Activations stay uint8, as the node's; the
// filter of the CONV_2D is int8 at the scale of the node's. The node writes a tensor of its own from here on, in which
// `channels` mean nothing.
DepthwiseSplit split_depthwise(Graph& graph, size_t index, const std::vector<int32_t>& channels);

}  // namespace monolite::quantize
