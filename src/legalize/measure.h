#pragma once
// How far nodes that are made in place of others are from them: every 8-bit value is tried.

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "legalize/rewrite.h"

namespace monolite::legalize {

// The largest difference, in steps of `out`, between what `before` and `after` write there for each of the 256 values
// of `in`. Both are elementwise, stand in run order, and read beside `in` only constants and each other. Nothing where
// the reference kernels cannot run them.
std::optional<double> largest_difference(const Graph& graph, const std::vector<Node>& before,
                                         const std::vector<Node>& after, TensorId in, TensorId out);

// What such a difference allows to promise.
Proof proof_of(double steps);

}  // namespace monolite::legalize
