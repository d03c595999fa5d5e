#pragma once
// What NON_MAX_SUPPRESSION_V4 and V5 share: boxes of one class, best score first, without those that overlap one that
// was taken.

#include "ops/node_view.h"

namespace monolite::ops {

namespace nms {
// boxes {count, 4} as y1, x1, y2, x2 of two corners; scores {count}; the rest scalars.
inline constexpr int kBoxes = 0, kScores = 1, kMost = 2, kOverlap = 3, kLeastScore = 4, kSigma = 5;
}  // namespace nms

// Checks boxes, scores and the scalars among the node's `inputs` inputs.
Expected<void> verify_suppression(const NodeView& n, int inputs);

// How many boxes there may be in the outputs; where there are fewer, zeros follow.
Expected<int32_t> most_boxes(const NodeView& n);

// Looks at pairs of boxes, at most.
int64_t suppression_visits(const NodeView& n);

// Writes indices and, unless null, scores, both of most_boxes; returns how many were taken. A box goes that overlaps a
// taken one by kOverlap or more of their union. Where sigma > 0, overlapping lowers a score by a Gaussian instead.
int32_t suppress(const Evaluation& n, float sigma, int32_t* indices, float* scores);

}  // namespace monolite::ops
