#pragma once
// Where the rows and columns of a RESIZE_BILINEAR take their values, as the kernels want it.

#include <optional>
#include <vector>

#include "kernels/resize_bilinear/resize_bilinear.h"
#include "runtime/planner.h"

namespace monolite::runtime {

struct ResizeRow {
  int32_t upper, lower;  // input rows: `lower` is the further one
  float fraction;        // of the way from `upper` to `lower`
  int32_t steps;         // the same in units of 1/1024
};

struct ResizeSamples {
  std::vector<ResizeRow> rows;
  std::vector<kernels::ResizeColumn> columns;
  int32_t in_height, in_width, batches, channels;
  bool is_identity;  // every output is its input
  bool is_within;    // all weights are in [0, 1]
  bool is_exact;     // float32 computes 8-bit values without rounding
};

// Of a RESIZE_BILINEAR on uint8, int8 or float32. Nothing where the size is not known ahead, or passes 32-bit
// arithmetic.
std::optional<ResizeSamples> resize_samples(const Planner& planner, size_t node);

}  // namespace monolite::runtime
