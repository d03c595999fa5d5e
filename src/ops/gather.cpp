#include "ops/gather.h"

#include <fmt/format.h>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kIndices = 1;

int batch_dims(const NodeView& n, const Gather& a) {
  return a.batch_dims < 0 ? a.batch_dims + n.shape(kIndices).rank() : a.batch_dims;
}

Expected<void> verify(const NodeView& n, const Gather& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kIndices, {DType::int16, DType::int32, DType::int64}));
  ML_ASSIGN(const int axis, axis_of(n, a.axis, n.shape(kInput).rank()));
  const int batches = batch_dims(n, a);
  if (batches < 0 || batches > axis || batches > n.shape(kIndices).rank()) {
    return Unexpected(n.fail(fmt::format("batch_dims {}", a.batch_dims), fmt::format("at most the axis, {}", axis)));
  }
  for (int i = 0; i < batches; ++i) {
    if (n.shape(kInput)[i] != n.shape(kIndices)[i]) {
      return Unexpected(n.fail_input(kIndices, "shape " + to_string(n.shape(kIndices)),
                                     fmt::format("{} in dimension {}", n.shape(kInput)[i], i)));
    }
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const Gather& a) {
  const Shape &in = n.shape(kInput), &indices = n.shape(kIndices);
  ML_ASSIGN(const int axis, axis_of(n, a.axis, in.rank()));
  Shape out(in.begin(), in.begin() + axis);
  for (int i = batch_dims(n, a); i < indices.rank(); ++i) out.push_back(indices[i]);
  for (int i = axis + 1; i < in.rank(); ++i) out.push_back(in[i]);
  return Shapes{out};
}

Expected<void> reference(const Evaluation& n, const Gather& a) {
  const Shape &in = n.shape(kInput), &indices = n.shape(kIndices);
  ML_ASSIGN(const int axis, axis_of(n, a.axis, in.rank()));
  const int batches = batch_dims(n, a);
  const int64_t batch = in.elements(0, batches), outer = in.elements(batches, axis), size = in[axis];
  const int64_t picks = indices.elements(batches, indices.rank());
  const int64_t slice_bytes = in.elements(axis + 1, in.rank()) * size_bytes(n.dtype(kInput));
  if (n.output_shape(0).elements() == 0) return {};
  const auto* from = n.data<std::byte>(kInput);
  auto* out = n.out<std::byte>(0);
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t p = 0; p < picks; ++p) {
        ML_ASSIGN(const int64_t index, index_below(n, kIndices, b * picks + p, size));
        out = std::copy_n(from + ((b * outer + o) * size + index) * slice_bytes, slice_bytes, out);
      }
    }
  }
  return {};
}

}  // namespace

extern const OpDef gather;
const OpDef gather = define<Gather>(
    {.code = OpCode::GATHER, .options = "GatherOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
