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

Expected<Copies> pad_constant_copies(const NodeView& n, const NoAttributes&) {
  ML_ASSIGN(const auto amounts, pad_amounts(n));
  const View whole = View::dense(n.output_shape(0));
  Copy frame = copy_value(padding_zero(n), whole);
  if (n.has_input(kValue)) {
    frame.input = kValue;
    frame.from = {whole.extents, std::vector<int64_t>(whole.extents.size(), 0), 0};
  }
  Copy middle = copy_whole(kInput, View::dense(n.shape(kInput)));
  middle.to = whole;
  for (int i = 0; i < whole.rank(); ++i) {
    middle.to = middle.to.take(i, amounts[static_cast<size_t>(i)].before, n.shape(kInput)[i]);
  }
  return Copies{std::move(frame), std::move(middle)};
}

}  // namespace monolite::ops
