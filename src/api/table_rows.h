#pragma once
// What a graph's inputs may hold where they are indices.

#include <cstdint>
#include <limits>

#include "ir/graph.h"

namespace monolite {

inline constexpr int64_t kNoTable = std::numeric_limits<int64_t>::max();

// The rows of the smallest table that the input's values are looked up in: by GATHER or EMBEDDING_LOOKUP, at once or
// after nodes that keep values as they are. kNoTable where there is none.
int64_t table_rows(const Graph& graph, TensorId input);

}  // namespace monolite
