#pragma once
// What a RESHAPE makes of an input that has grown or shrunk.

#include <optional>

#include "ir/shape.h"

namespace monolite::reshaping {

// The extents for a new input shape, where `out_before` took its elements from `in_before`: runs of extents with the
// same product belong together; in a run, the extent that held what changed takes the change. Nothing where
// no extent can take it.
std::optional<Shape> follow_reshape(const Shape& in_before, const Shape& out_before, const Shape& in);

}  // namespace monolite::reshaping
