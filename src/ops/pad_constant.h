#pragma once
// PAD and PADV2: the input inside of a frame of one value: input 2 where it is there, else 0 (the output's zero point).

#include "ops/op.h"

namespace monolite::ops {

Expected<void> verify_pad_constant(const NodeView& n, const NoAttributes&);
Expected<Shapes> infer_pad_constant(const NodeView& n, const NoAttributes&);
Expected<Copies> pad_constant_copies(const NodeView& n, const NoAttributes&);

}  // namespace monolite::ops
