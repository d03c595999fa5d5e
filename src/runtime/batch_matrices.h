#pragma once
// The matrices of a BATCH_MATMUL whose left side lies by rows.

#include <optional>
#include <vector>

#include "runtime/planner.h"

namespace monolite::runtime {

struct BatchMatrices {
  int32_t rows, depth, columns;
  std::vector<int64_t> lhs, rhs;  // for each output matrix, which of a side's it takes
  int64_t rhs_count;              // of the right side's matrices
  // Elements between neighbouring columns and between neighbouring rows of the right side.
  int64_t column_step, row_step;
};

// Nothing where the left side is transposed.
std::optional<BatchMatrices> batch_matrices(const ops::NodeView& n);

}  // namespace monolite::runtime
