#include "ops/pad_constant.h"

#include <fmt/format.h>

#include "ops/padding.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kValue = 2;

}  // namespace

Expected<void> verify_pad_constant(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 3));
  ML_TRY(verify_padding(n));
  if (!n.output(0).quantization.scale.empty()) ML_TRY(n.expect_output_quantized(0));
  if (!n.has_input(kValue)) return {};
  ML_TRY(n.expect_same_dtype(kValue, 0));
  if (n.shape(kValue).elements() != 1) {
    return Unexpected(n.fail_input(kValue, "shape " + to_string(n.shape(kValue)), "one element"));
  }
  return expect_same_mapping(n, kValue, 0);
}

Expected<Shapes> infer_pad_constant(const NodeView& n, const NoAttributes&) { return infer_padding(n); }

Expected<void> pad_constant_reference(const Evaluation& n, const NoAttributes&) {
  ML_ASSIGN(const auto amounts, pad_amounts(n));
  const int size = size_bytes(n.dtype(kInput));
  const int64_t padding = padding_zero(n);
  const View whole = View::dense(n.output_shape(0));
  fill_view(n.has_input(kValue) ? n.data<std::byte>(kValue) : reinterpret_cast<const std::byte*>(&padding),
            n.out<std::byte>(0), whole, size);
  View inside = whole;
  for (int i = 0; i < inside.rank(); ++i) {
    inside = inside.take(i, amounts[static_cast<size_t>(i)].before, n.shape(kInput)[i]);
  }
  copy_view(n.data<std::byte>(kInput), View::dense(n.shape(kInput)), n.out<std::byte>(0), inside, size);
  return {};
}

}  // namespace monolite::ops
