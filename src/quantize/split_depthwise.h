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

// Takes `channels`, not empty, out of a depthwise node that channels_to_split was asked about. Their inputs go, twice
// or three times, into a CONV_2D with the same sums, bit for bit, and its outputs to their places among the others.
// Activations stay uint8, as the node's; the filter of the CONV_2D is int8 at the scale of the node's.
//
// The node writes a tensor of its own from here on, in which `channels` mean nothing. The nodes returned stand behind
// it; what it wrote before is written by the last of them.
std::vector<Node> split_depthwise(Graph& graph, Node& node, const std::vector<int32_t>& channels);

}  // namespace monolite::quantize
