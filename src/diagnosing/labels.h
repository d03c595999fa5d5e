#pragma once
// Label maps: from an output, moved, counted.

#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "image/image.h"
#include "ops/evaluate.h"

namespace monolite::diagnosing {

// The labels of a segmentation model's output: integers [1,H,W] or [1,H,W,1] as they are (beyond 65535 saturated), of
// scores [1,H,W,C] the first largest.
//
// Errors: another shape.
Expected<image::Mask> labels_of(const ops::Value& output);

// Rows become columns.
image::Mask transposed(const image::Mask& mask);

// Every label one higher or lower; 0 less one is 255, as bytes have it.
image::Mask renumbered(const image::Mask& mask, int by);

// The mask moved down and right; what is uncovered repeats the edge.
image::Mask moved(const image::Mask& mask, int down, int right);

// How many of the `height` x `width` pixels at the top left differ. Both masks are at least that large.
int64_t differing(const image::Mask& a, const image::Mask& b, int32_t height, int32_t width);

// The displacement of at most `reach` pixels each way under which the fewest pixels differ.
struct Shift {
  int down = 0, right = 0;
  int64_t differing = 0;
};
Shift best_shift(const image::Mask& expected, const image::Mask& found, int32_t height, int32_t width, int reach);

}  // namespace monolite::diagnosing
