#pragma once
// Sparse constants: where the elements that a file stores stand in the whole tensor.

#include <cstdint>
#include <functional>

#include "base/expected.h"
#include "ops/node_view.h"

namespace monolite::ops {

// Checks that the lists of a sparse input describe its shape, stay inside of it, and name no more elements than the
// file stores: what for_each_stored relies on.
Expected<void> check_sparsity(const NodeView& n, int input);

// Calls with the place of each stored element in the tensor (row-major), and its number, in the order of the file.
void for_each_stored(const NodeView& n, int input, const std::function<void(int64_t element, int64_t stored)>& call);

}  // namespace monolite::ops
