// SPARSE_TO_DENSE: a tensor of the shape of input 1, filled with input 3, with the values of input 2 (one for all, or
// one each) at the coordinates that the rows of input 0 have.

#include <fmt/format.h>

#include <cstring>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kIndices = 0, kShape = 1, kValues = 2, kDefault = 3;
constexpr int kMostDimensions = 4;  // LiteRT's kernel takes no more

struct Rows {
  int64_t count;
  int coordinates;
};

// Indices of rank 0 and 1 are rows of one coordinate each.
Rows rows_of(const Shape& indices) {
  if (indices.rank() < 2) return {indices.elements(), 1};
  return {indices[0], indices[1]};
}

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(4, 4));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kIndices, {DType::int32, DType::int64}));
  ML_TRY(n.expect_rank(kIndices, 0, 2));
  ML_TRY(n.expect_dtype(kShape, {DType::int32, DType::int64}));
  ML_TRY(n.expect_rank(kShape, 1));
  for (const int values : {kValues, kDefault}) {
    ML_TRY(n.expect_dtype(values, {DType::float32, DType::uint8, DType::int8, DType::int32, DType::int64}));
    ML_TRY(n.expect_same_dtype(values, 0));
    ML_TRY(expect_same_mapping(n, values, 0));
  }
  ML_TRY(n.expect_rank(kValues, 0, 1));
  const Rows rows = rows_of(n.shape(kIndices));
  const Shape& values = n.shape(kValues);
  if (values.rank() == 1 && values[0] != rows.count) {
    return Unexpected(n.fail_input(kValues, fmt::format("{} values", values[0]),
                                   fmt::format("one, or one for each of {} places", rows.count)));
  }
  if (n.shape(kDefault).elements() != 1) {
    return Unexpected(n.fail_input(kDefault, "shape " + to_string(n.shape(kDefault)), "one element"));
  }
  const int64_t dimensions = n.shape(kShape).elements();
  if (dimensions == rows.coordinates && dimensions <= kMostDimensions) return {};
  return Unexpected(n.fail(fmt::format("{} coordinates in {} dimensions", rows.coordinates, dimensions),
                           fmt::format("as many, and at most {}", kMostDimensions)));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(Shape out, spelled_shape(n, kShape));
  return Shapes{std::move(out)};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const Shape& out = n.output_shape(0);
  const auto size = static_cast<size_t>(size_bytes(n.dtype(kValues)));
  fill_view(n.data<std::byte>(kDefault), n.out<std::byte>(0), View::dense(out), size_bytes(n.dtype(kValues)));
  const Rows rows = rows_of(n.shape(kIndices));
  const size_t step = n.shape(kValues).rank() == 0 ? 0 : size;
  for (int64_t r = 0; r < rows.count; ++r) {
    int64_t where = 0;
    for (int c = 0; c < rows.coordinates; ++c) {
      ML_ASSIGN(const int64_t index, index_below(n, kIndices, r * rows.coordinates + c, out[c]));
      where = where * out[c] + index;
    }
    std::memcpy(n.out<std::byte>(0) + static_cast<size_t>(where) * size,
                n.data<std::byte>(kValues) + static_cast<size_t>(r) * step, size);
  }
  return {};
}

}  // namespace

extern const OpDef sparse_to_dense;
const OpDef sparse_to_dense = define<NoAttributes>({.code = OpCode::SPARSE_TO_DENSE,
                                                    .options = "SparseToDenseOptions",
                                                    .verify = verify,
                                                    .infer = infer,
                                                    .reference = reference});

}  // namespace monolite::ops
