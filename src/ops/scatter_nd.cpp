// SCATTER_ND: a tensor of the shape of input 2, all 0, to which the slices of input 1 are added at the coordinates that
// the rows of input 0 have.

#include <fmt/format.h>

#include <algorithm>

#include "ops/indices.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kIndices = 0, kUpdates = 1, kShape = 2;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kIndices, {DType::int32}));
  ML_TRY(n.expect_dtype(kUpdates,
                        {DType::float32, DType::uint8, DType::int8, DType::int32, DType::int64, DType::boolean}));
  ML_TRY(n.expect_same_dtype(kUpdates, 0));
  ML_TRY(n.expect_dtype(kShape, {DType::int32}));
  ML_TRY(n.expect_rank(kShape, 1));
  if (n.shape(kIndices).rank() >= 1) return {};
  return Unexpected(n.fail_input(kIndices, "a scalar", "rows of coordinates"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto wanted, n.ints(kShape));
  const Shape &indices = n.shape(kIndices), &updates = n.shape(kUpdates);
  Shape out;
  for (const int64_t d : wanted) out.push_back(static_cast<int32_t>(d));
  const int rows = indices.rank() - 1, coordinates = indices.back(0);
  bool fits = out.is_valid() && coordinates <= out.rank() && updates.rank() == rows + out.rank() - coordinates;
  for (int i = 0; fits && i < rows; ++i) fits = updates[i] == indices[i];
  for (int i = coordinates; fits && i < out.rank(); ++i) fits = updates[rows + i - coordinates] == out[i];
  if (fits) return Shapes{out};
  return Unexpected(
      n.fail(fmt::format("indices {}, updates {} and shape {}", to_string(indices), to_string(updates), to_string(out)),
             "a slice of the shape for each row of the indices"));
}

template <class T>
Expected<void> scatter(const Evaluation& n) {
  const Shape &out = n.output_shape(0), &indices = n.shape(kIndices);
  const int coordinates = indices.back(0);
  const int64_t rows = indices.elements(0, indices.rank() - 1), slice = out.elements(coordinates, out.rank());
  std::fill_n(n.out<T>(0), out.elements(), T{0});
  const T* update = n.data<T>(kUpdates);
  for (int64_t r = 0; r < rows; ++r) {
    int64_t where = 0;
    for (int c = 0; c < coordinates; ++c) {
      ML_ASSIGN(const int64_t index, index_below(n, kIndices, r * coordinates + c, out[c]));
      where = where * out[c] + index;
    }
    T* to = n.out<T>(0) + where * slice;
    for (int64_t i = 0; i < slice; ++i) to[i] = static_cast<T>(to[i] + *update++);
  }
  return {};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(kUpdates)) {
    case DType::float32:
      return scatter<float>(n);
    case DType::uint8:
      return scatter<uint8_t>(n);
    case DType::int8:
      return scatter<int8_t>(n);
    case DType::int32:
      return scatter<int32_t>(n);
    case DType::int64:
      return scatter<int64_t>(n);
    default:
      return scatter<bool>(n);
  }
}

}  // namespace

extern const OpDef scatter_nd;
const OpDef scatter_nd = define<NoAttributes>({.code = OpCode::SCATTER_ND,
                                               .options = "ScatterNdOptions",
                                               .verify = verify,
                                               .infer = infer,
                                               .reference = reference});

}  // namespace monolite::ops
