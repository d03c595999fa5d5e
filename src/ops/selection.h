#pragma once
// What SELECT and SELECT_V2 share: inputs condition, x and y; each output element is x's where the condition holds.

#include "ops/node_view.h"

namespace monolite::ops {

// A bool condition, x and y of one type whose elements are 1, 2, 4 or 8 bytes.
Expected<void> verify_selection_types(const NodeView& n);

// The shape of three one-element inputs is the one that the file states, as LiteRT keeps it; else `shape`.
Shape selection_shape(const NodeView& n, Shape shape);

// Broadcasts the three, the condition as if it had the shape `condition`.
Expected<void> select_elements(const Evaluation& n, const Shape& condition);

}  // namespace monolite::ops
