#include "ops/reduction.h"

#include <string>

#include "ops/limits.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kAxes = 1;

}  // namespace

Expected<void> verify_reduction(const NodeView& n, std::initializer_list<DType> types) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kInput, types));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  return n.expect_dtype(kAxes, {DType::int32});
}

Expected<void> verify_selection(const NodeView& n, std::initializer_list<DType> types) {
  ML_TRY(verify_reduction(n, types));
  return expect_same_mapping(n, kInput, 0);
}

Expected<Shapes> infer_reduction(const NodeView& n, const Reducer& a) {
  ML_ASSIGN(const auto goes, reduced_dimensions(n));
  const Shape& in = n.shape(kInput);
  Shape out;
  for (int i = 0; i < in.rank(); ++i) {
    if (!goes[static_cast<size_t>(i)]) {
      out.push_back(in[i]);
    } else if (a.keep_dims) {
      out.push_back(1);
    }
  }
  return Shapes{out};
}

Expected<std::vector<bool>> reduced_dimensions(const NodeView& n) {
  const int rank = n.shape(kInput).rank();
  std::vector<bool> goes(static_cast<size_t>(rank));
  ML_ASSIGN(const auto axes, n.ints(kAxes));
  for (const int64_t a : axes) {
    if (rank == 0) break;
    ML_ASSIGN(const int axis, axis_of(n, a, rank));
    goes[static_cast<size_t>(axis)] = true;
  }
  return goes;
}

Expected<Reduction> Reduction::of(const Evaluation& n) {
  ML_ASSIGN(const auto goes, reduced_dimensions(n));
  const Shape& in = n.shape(kInput);
  Reduction r;
  for (int i = in.rank() - 1; i >= 0; --i) {
    const bool is_reduced = goes[static_cast<size_t>(i)];
    const Dim dim{in[i], is_reduced ? 0 : r.outputs_};
    (is_reduced ? r.elements_ : r.outputs_) *= in[i];
    r.of_all_ = r.of_all_ && is_reduced;
    if (dim.count == 1) continue;
    if (!r.dims_.empty() && dim.stride == r.dims_.back().stride * r.dims_.back().count) {
      r.dims_.back().count *= dim.count;
    } else {
      r.dims_.push_back(dim);
    }
  }
  std::reverse(r.dims_.begin(), r.dims_.end());
  if (r.outputs_ > kMostTensorBytes / 8) {  // an accumulator each
    return Unexpected(n.fail("an output of " + std::to_string(r.outputs_) + " elements",
                             "at most " + std::to_string(kMostTensorBytes / 8), "use a smaller input"));
  }
  return r;
}

}  // namespace monolite::ops
