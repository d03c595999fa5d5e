#include "runtime/batch_matrices.h"

#include "ops/batch_matmul.h"

namespace monolite::runtime {
namespace {

// For each output matrix, which matrix of a side it takes: extents of 1 are repeated.
std::vector<int64_t> matrices_of(const Shape& side, const Shape& out) {
  std::vector<int64_t> indices{0};
  const int missing = out.rank() - side.rank();
  for (int i = 0; i + 2 < out.rank(); ++i) {
    const int64_t extent = i < missing ? 1 : side[i - missing];
    std::vector<int64_t> finer;
    for (const int64_t base : indices) {
      for (int32_t k = 0; k < out[i]; ++k) finer.push_back(base * extent + (extent == 1 ? 0 : k));
    }
    indices = std::move(finer);
  }
  return indices;
}

}  // namespace

std::optional<BatchMatrices> batch_matrices(const ops::NodeView& n) {
  const auto a = n.attributes<ops::BatchMatMul>();
  if (a.adj_x) return {};
  const Shape &lhs = n.shape(0), &rhs = n.shape(1), &out = n.output_shape(0);
  BatchMatrices m{};
  m.rows = lhs.back(1);
  m.depth = lhs.back(0);
  m.columns = out.back(0);
  if (m.rows < 1 || m.depth < 1 || m.columns < 1) return {};
  m.lhs = matrices_of(lhs, out);
  m.rhs = matrices_of(rhs, out);
  m.rhs_count = rhs.elements() / (int64_t{m.depth} * m.columns);
  m.column_step = a.adj_y ? m.depth : 1;
  m.row_step = a.adj_y ? 1 : m.columns;
  return m;
}

}  // namespace monolite::runtime
