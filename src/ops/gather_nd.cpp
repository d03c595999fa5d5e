// GATHER_ND: for each row of input 1 (its innermost dimension), the slice of input 0 at these coordinates.

#include <fmt/format.h>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kIndices = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kIndices, {DType::int16, DType::int32, DType::int64}));
  const Shape& indices = n.shape(kIndices);
  if (indices.rank() >= 1 && n.shape(kInput).rank() >= 1 && indices.back(0) <= n.shape(kInput).rank()) return {};
  return Unexpected(n.fail_input(kIndices, "shape " + to_string(indices),
                                 fmt::format("rows of at most {} coordinates", n.shape(kInput).rank())));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  const Shape &in = n.shape(kInput), &indices = n.shape(kIndices);
  Shape out(indices.begin(), indices.end() - 1);
  for (int i = indices.back(0); i < in.rank(); ++i) out.push_back(in[i]);
  return Shapes{out};
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const Shape &in = n.shape(kInput), &indices = n.shape(kIndices);
  if (n.output_shape(0).elements() == 0) return {};
  const int coordinates = indices.back(0);
  const int64_t rows = indices.elements(0, indices.rank() - 1);
  const int64_t slice_bytes = in.elements(coordinates, in.rank()) * size_bytes(n.dtype(kInput));
  auto* out = n.out<std::byte>(0);
  for (int64_t r = 0; r < rows; ++r) {
    int64_t slice = 0;
    for (int c = 0; c < coordinates; ++c) {
      ML_ASSIGN(const int64_t index, index_below(n, kIndices, r * coordinates + c, in[c]));
      slice = slice * in[c] + index;
    }
    out = std::copy_n(n.data<std::byte>(kInput) + slice * slice_bytes, slice_bytes, out);
  }
  return {};
}

}  // namespace

extern const OpDef gather_nd;
const OpDef gather_nd = define<NoAttributes>({.code = OpCode::GATHER_ND,
                                              .options = "GatherNdOptions",
                                              .verify = verify,
                                              .infer = infer,
                                              .reference = reference});

}  // namespace monolite::ops
