#include "runtime/batch_matrices.h"

#include "ops/batch_matmul.h"

namespace monolite::runtime {
namespace {

constexpr int64_t kMostMatrices = 1 << 16;
constexpr int64_t kMostPacked = 1 << 26;  // numbers

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
  m.rhs_count = rhs.elements() / (int64_t{m.depth} * m.columns);
  // What is packed has its constants for each column, and columns by 64: many narrow matrices are not worth that.
  const int64_t columns = (int64_t{m.columns} + 63) / 64 * 64,
                matrices = out.elements() / (int64_t{m.rows} * m.columns);
  if (matrices > kMostMatrices || m.rhs_count > kMostPacked / columns / (int64_t{m.depth} + 64)) return {};
  m.lhs = matrices_of(lhs, out);
  m.rhs = matrices_of(rhs, out);
  m.column_step = a.adj_y ? m.depth : 1;
  m.row_step = a.adj_y ? 1 : m.columns;
  return m;
}

}  // namespace monolite::runtime
