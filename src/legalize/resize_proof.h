#pragma once
// What a resize on another grid promises: its samples beside those of the resize that it stands for.

#include <cstdint>

#include "legalize/rewrite.h"
#include "ops/resize_bilinear.h"

namespace monolite::legalize {

// One dimension: `in` -> `out` with flags is `wide_in` -> `wide_out` without, of which every `stride`-th element from
// `begin` on is taken. `front` elements stand before the input's first; they, and what stands behind its last, repeat
// these.
struct ResizeAxis {
  int32_t in = 1, out = 1;
  int64_t front = 0, wide_in = 1, wide_out = 1, begin = 0, stride = 1;
};

// Compares the samples in the reference kernels' own arithmetic for the type. Where they are not the same, the largest
// shift of a sample, times the range of 8 bits, bounds the difference.
Proof resize_proof(DType dtype, const ops::ResizeBilinear& flags, const ResizeAxis& rows, const ResizeAxis& columns);

}  // namespace monolite::legalize
