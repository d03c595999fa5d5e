#pragma once
// How far PAD, PADV2 and MIRROR_PAD go beyond their input on each side of each dimension.

#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "ops/node_view.h"

namespace monolite::ops {

struct PadAmount {
  int64_t before, after;
};

// Input 1 of a padding op, [rank, 2] of int32 or int64. Checked: not negative, and the output's extents below 2^31.
Expected<std::vector<PadAmount>> pad_amounts(const NodeView& n);

// The inputs and types that the padding ops have in common; input 1's shape.
Expected<void> verify_padding(const NodeView& n);

// The input's shape, made longer.
Expected<Shapes> infer_padding(const NodeView& n);

// 0 as output 0 writes it: the zero point of uint8, int8 and int16. Little-endian: the low bytes are the element.
int64_t padding_zero(const NodeView& n);

}  // namespace monolite::ops
