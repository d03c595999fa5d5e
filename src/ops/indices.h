#pragma once
// Indices that are only known while a graph runs.

#include "base/expected.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Element k of an input of int16, int32 or int64.
int64_t index_at(const Evaluation& n, int input, int64_t k);

// The same, which must lie in [0, size).
Expected<int64_t> index_below(const Evaluation& n, int input, int64_t k, int64_t size);

}  // namespace monolite::ops
