#include "ops/padding.h"

#include <fmt/format.h>

#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kPaddings = 1;

}  // namespace

Expected<void> verify_padding(const NodeView& n) {
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kPaddings, {DType::int32, DType::int64}));
  const Shape expected{n.shape(kInput).rank(), 2};
  if (n.shape(kPaddings) == expected) return {};
  return Unexpected(n.fail_input(kPaddings, "shape " + to_string(n.shape(kPaddings)),
                                 to_string(expected) + ": before and after for each dimension"));
}

Expected<std::vector<PadAmount>> pad_amounts(const NodeView& n) {
  ML_ASSIGN(const auto values, n.ints(kPaddings));
  std::vector<PadAmount> amounts;
  for (int i = 0; i < n.shape(kInput).rank(); ++i) {
    const PadAmount amount{values[static_cast<size_t>(2 * i)], values[static_cast<size_t>(2 * i + 1)]};
    const bool in_range = amount.before >= 0 && amount.before <= INT32_MAX && amount.after >= 0 &&
                          amount.after <= INT32_MAX && n.shape(kInput)[i] + amount.before + amount.after <= INT32_MAX;
    if (!in_range) {
      return Unexpected(n.fail_input(kPaddings, fmt::format("{} and {}", amount.before, amount.after),
                                     "0 or more, and an output of less than 2^31 in each dimension"));
    }
    amounts.push_back(amount);
  }
  return amounts;
}

Expected<Shapes> infer_padding(const NodeView& n) {
  ML_ASSIGN(const auto amounts, pad_amounts(n));
  Shape out = n.shape(kInput);
  for (int i = 0; i < out.rank(); ++i) {
    const PadAmount& a = amounts[static_cast<size_t>(i)];
    out[i] += static_cast<int32_t>(a.before + a.after);
  }
  return Shapes{out};
}

int64_t padding_zero(const NodeView& n) { return size_bits(n.output_dtype(0)) <= 16 ? n.output_zero_point(0) : 0; }

}  // namespace monolite::ops
