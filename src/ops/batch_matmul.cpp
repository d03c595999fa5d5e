#include "ops/batch_matmul.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/hybrid.h"
#include "ops/op.h"
#include "ops/requantize.h"

namespace monolite::ops {
namespace {

constexpr int kLhs = 0, kRhs = 1;

// A shape with ones put before it, up to `rank` dimensions.
Shape extended(const Shape& shape, int rank) {
  Shape s(std::vector<int32_t>(static_cast<size_t>(rank - shape.rank()), 1));
  for (const int32_t extent : shape) s.push_back(extent);
  return s;
}

// [..., rows, columns] of one side, transposed where the attribute says so.
struct Matrix {
  Shape batch;
  int32_t rows, columns;
};

Matrix matrix(const Shape& shape, bool transposed, int rank) {
  const Shape s = extended(shape, rank);
  return {Shape(s.begin(), s.end() - 2), s.back(transposed ? 0 : 1), s.back(transposed ? 1 : 0)};
}

struct Product {
  Matrix lhs, rhs;
};

Product product(const NodeView& n, const BatchMatMul& a) {
  const int rank = std::max(n.shape(kLhs).rank(), n.shape(kRhs).rank());
  return {matrix(n.shape(kLhs), a.adj_x, rank), matrix(n.shape(kRhs), a.adj_y, rank)};
}

Expected<void> verify_types(const NodeView& n) {
  ML_TRY(n.expect_dtype(kLhs, {DType::float32, DType::int8, DType::int16}));
  switch (n.dtype(kLhs)) {
    case DType::float32:
      ML_TRY(n.expect_output_dtype(0, {DType::float32}));
      ML_TRY(n.expect_dtype(kRhs, {DType::float32, DType::int8}));
      if (n.dtype(kRhs) == DType::float32) return {};
      return n.expect_quantized_per_channel(kRhs, n.input(kRhs).quantization.dimension);
    case DType::int8:
      ML_TRY(n.expect_dtype(kRhs, {DType::int8}));
      ML_TRY(n.expect_output_dtype(0, {DType::int8, DType::int32}));
      break;
    default:
      ML_TRY(n.expect_dtype(kRhs, {DType::int8, DType::int16}));
      ML_TRY(n.expect_output_dtype(0, {DType::int16}));
  }
  if (n.output_dtype(0) == DType::int32) return {};
  ML_TRY(n.expect_quantized(kLhs));
  ML_TRY(n.expect_quantized(kRhs));
  return n.expect_output_quantized(0);
}

Expected<void> verify(const NodeView& n, const BatchMatMul& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(kLhs, 2, 5));
  ML_TRY(n.expect_rank(kRhs, 2, 5));
  const auto [lhs, rhs] = product(n, a);
  bool fits = lhs.columns == rhs.rows;
  for (int i = 0; i < lhs.batch.rank(); ++i) {
    fits = fits && (lhs.batch[i] == rhs.batch[i] || lhs.batch[i] == 1 || rhs.batch[i] == 1);
  }
  if (!fits) {
    return Unexpected(n.fail(fmt::format("{} times {}", to_string(n.shape(kLhs)), to_string(n.shape(kRhs))),
                             fmt::format("{} rows on the right, outer dimensions that broadcast", lhs.columns)));
  }
  ML_TRY(verify_types(n));
  const auto scales = n.input(kRhs).quantization.scale.size();
  if (n.dtype(kRhs) == DType::float32 || scales <= 1 || scales == static_cast<size_t>(rhs.columns)) return {};
  return Unexpected(n.fail_input(kRhs, fmt::format("{} scales", scales), fmt::format("1 or {}", rhs.columns)));
}

Expected<Shapes> infer(const NodeView& n, const BatchMatMul& a) {
  const auto [lhs, rhs] = product(n, a);
  Shape out;
  for (int i = 0; i < lhs.batch.rank(); ++i) out.push_back(lhs.batch[i] == 1 ? rhs.batch[i] : lhs.batch[i]);
  out.push_back(lhs.rows);
  out.push_back(rhs.columns);
  return Shapes{out};
}

Cost cost(const NodeView& n, const BatchMatMul& a) {
  return {n.output_shape(0).elements() * product(n, a).lhs.columns};
}

// Each matrix of a side with its rows (or columns) made contiguous: [..., rows, K].
template <class T>
std::vector<T> by_rows(const T* data, const Shape& shape, bool transposed) {
  const int64_t elements = shape.elements(), outer = shape.back(1), inner = shape.back(0);
  if (!transposed) return std::vector<T>(data, data + elements);
  std::vector<T> rows(static_cast<size_t>(elements));
  T* to = rows.data();
  for (int64_t m = 0; m < elements; m += outer * inner) {
    for (int64_t c = 0; c < inner; ++c) {
      for (int64_t r = 0; r < outer; ++r) *to++ = data[m + r * inner + c];
    }
  }
  return rows;
}

// For each output matrix, which matrix of a side it takes.
std::vector<int64_t> matrix_indices(const Shape& side, const Shape& out) {
  std::vector<int64_t> indices{0};
  for (int i = 0; i < side.rank(); ++i) {
    std::vector<int64_t> finer;
    for (const int64_t base : indices) {
      for (int32_t k = 0; k < out[i]; ++k) finer.push_back(base * side[i] + (side[i] == 1 ? 0 : k));
    }
    indices = std::move(finer);
  }
  return indices;
}

// out = finish(sum, matrix, row, column), for rows of both sides that lie contiguous.
template <class Lhs, class Rhs, class Acc, class Out, class Finish>
void multiply_matrices(const Evaluation& n, const Product& p, const Lhs* lhs, Acc lhs_zero_point, const Rhs* rhs,
                       Acc rhs_zero_point, const Finish& finish) {
  const int32_t rows = p.lhs.rows, depth = p.lhs.columns, columns = p.rhs.columns;
  const auto from_lhs = matrix_indices(p.lhs.batch, n.output_shape(0)),
             from_rhs = matrix_indices(p.rhs.batch, n.output_shape(0));
  Out* out = n.out<Out>(0);
  for (size_t m = 0; m < from_lhs.size(); ++m) {
    for (int32_t i = 0; i < rows; ++i) {
      const Lhs* l = lhs + (from_lhs[m] * rows + i) * depth;
      for (int32_t j = 0; j < columns; ++j) {
        const Rhs* r = rhs + (from_rhs[m] * columns + j) * depth;
        Acc sum = 0;
        for (int32_t k = 0; k < depth; ++k) {
          sum += (static_cast<Acc>(l[k]) - lhs_zero_point) * (static_cast<Acc>(r[k]) - rhs_zero_point);
        }
        *out++ = finish(sum, m, i, j);
      }
    }
  }
}

template <class Lhs, class Rhs, class Acc>
void quantized_reference(const Evaluation& n, const BatchMatMul& a) {
  // The product of the two scales is rounded to float32 first.
  const Multiplier multiplier = quantize_multiplier(double{n.scale(kLhs) * n.scale(kRhs)} / double{n.output_scale(0)});
  const int32_t zero_point = n.output_zero_point(0);
  multiply_matrices<Lhs, Rhs, Acc, Lhs>(
      n, product(n, a), by_rows(n.data<Lhs>(kLhs), n.shape(kLhs), a.adj_x).data(), n.zero_point(kLhs),
      by_rows(n.data<Rhs>(kRhs), n.shape(kRhs), !a.adj_y).data(), n.zero_point(kRhs),
      [&](Acc sum, size_t, int32_t, int32_t) {
        return static_cast<Lhs>(std::clamp<int32_t>(multiply(sum, multiplier) + zero_point,
                                                    std::numeric_limits<Lhs>::min(), std::numeric_limits<Lhs>::max()));
      });
}

// Plain sums of products, without scales or zero points.
template <class T, class Acc>
void plain_reference(const Evaluation& n, const BatchMatMul& a) {
  multiply_matrices<T, T, Acc, Acc>(n, product(n, a), by_rows(n.data<T>(kLhs), n.shape(kLhs), a.adj_x).data(), 0,
                                    by_rows(n.data<T>(kRhs), n.shape(kRhs), !a.adj_y).data(), 0,
                                    [](Acc sum, size_t, int32_t, int32_t) { return sum; });
}

// Where LiteRT's hybrid kernel looks for the scales of each output matrix's first row, and for the sums that take its
// zero point off. It steps by one matrix along every outer dimension, whichever it is, so that with two or more of them
// it reads those of another matrix. Devices do the same, and models are delivered as they behave there.
struct HybridSteps {
  std::vector<int64_t> scale_row, sum_column;
};

HybridSteps hybrid_steps(const NodeView& n, const Product& p, const BatchMatMul& a) {
  const Shape& out = n.output_shape(0);
  const int outer = p.lhs.batch.rank();
  // Rows of the last outer dimension count as rows of one matrix where the right side has one matrix for them.
  const bool is_joined = !a.adj_x && n.shape(kLhs).rank() > 2 && n.shape(kRhs).rank() > 2 && p.rhs.batch.back(0) == 1;
  const int64_t joined_rows = is_joined ? int64_t{p.lhs.batch.back(0)} * p.lhs.rows : p.lhs.rows;
  HybridSteps steps{{0}, {0}};
  for (int i = 0; i < outer; ++i) {
    const int64_t row_step = p.lhs.batch[i] == 1 ? 0 : is_joined && i == outer - 1 ? p.lhs.rows : joined_rows;
    const int64_t column_step = p.rhs.batch[i] == 1 ? 0 : p.rhs.columns;
    HybridSteps finer;
    for (size_t m = 0; m < steps.scale_row.size(); ++m) {
      for (int32_t k = 0; k < out[i]; ++k) {
        finer.scale_row.push_back(steps.scale_row[m] + k * row_step);
        finer.sum_column.push_back(steps.sum_column[m] + k * column_step);
      }
    }
    steps = std::move(finer);
  }
  return steps;
}

std::vector<int32_t> row_sums(const std::vector<int8_t>& values, int64_t depth) {
  std::vector<int32_t> sums(depth > 0 ? values.size() / static_cast<size_t>(depth) : 0);
  for (size_t i = 0; i < values.size(); ++i) sums[i / static_cast<size_t>(depth)] += values[i];
  return sums;
}

// Each row of the left side is quantized by itself. Its zero point is taken off with the sums of the right side's
// columns.
void hybrid_reference(const Evaluation& n, const BatchMatMul& a) {
  const Product p = product(n, a);
  const auto lhs = by_rows(n.data<float>(kLhs), n.shape(kLhs), a.adj_x);
  const auto rhs = by_rows(n.data<int8_t>(kRhs), n.shape(kRhs), !a.adj_y);
  const int64_t depth = p.lhs.columns, rows = p.lhs.batch.elements() * p.lhs.rows;
  const QuantizedRows q = quantize_rows(lhs.data(), rows, depth, a.asymmetric_quantize_inputs);
  const HybridSteps steps = hybrid_steps(n, p, a);
  const std::vector<int32_t> sums =
      depth > 0 ? row_sums(rhs, depth)
                : std::vector<int32_t>(static_cast<size_t>(p.rhs.batch.elements() * p.rhs.columns));
  const std::vector<float>& scale = n.input(kRhs).quantization.scale;
  multiply_matrices<int8_t, int8_t, int32_t, float>(
      n, p, q.values.data(), 0, rhs.data(), 0, [&](int32_t sum, size_t m, int32_t i, int32_t j) {
        const auto row = static_cast<size_t>(steps.scale_row[m] + i);
        const int32_t column_sum = sums[static_cast<size_t>(steps.sum_column[m] + j)];
        const float column_scale = scale[scale.size() > 1 ? static_cast<size_t>(j) : 0];
        return q.scale[row] * column_scale * static_cast<float>(sum - column_sum * q.zero_point[row]);
      });
}

Expected<void> reference(const Evaluation& n, const BatchMatMul& a) {
  switch (n.dtype(kLhs)) {
    case DType::float32:
      is_hybrid(n, kLhs, kRhs) ? hybrid_reference(n, a) : plain_reference<float, float>(n, a);
      break;
    case DType::int8:
      n.output_dtype(0) == DType::int32 ? plain_reference<int8_t, int32_t>(n, a)
                                        : quantized_reference<int8_t, int8_t, int32_t>(n, a);
      break;
    default:
      n.dtype(kRhs) == DType::int8 ? quantized_reference<int16_t, int8_t, int64_t>(n, a)
                                   : quantized_reference<int16_t, int16_t, int64_t>(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef batch_matmul;
const OpDef batch_matmul = define<BatchMatMul>({.code = OpCode::BATCH_MATMUL,
                                                .options = "BatchMatMulOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .cost = cost,
                                                .reference = reference});

}  // namespace monolite::ops
