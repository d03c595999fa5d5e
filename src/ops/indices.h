#pragma once
// Inputs that are read as plain numbers one by one.

#include "base/expected.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Element k of an input of int16, int32 or int64 that has its values.
int64_t index_at(const NodeView& n, int input, int64_t k);

// The same, which must lie in [0, size).
Expected<int64_t> index_below(const NodeView& n, int input, int64_t k, int64_t size);

// For `infer`: the shape that an input of int32 or int64 spells.
//
// Errors: those of NodeView::ints(); an extent below 0 or beyond 31 bits.
Expected<Shape> spelled_shape(const NodeView& n, int input);

// For `infer`: an error of the kind that leaves a shape open, where the input's values are not known yet.
Expected<void> expect_value(const NodeView& n, int input);

}  // namespace monolite::ops
