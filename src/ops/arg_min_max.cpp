#include "ops/arg_min_max.h"

#include <fmt/format.h>

#include <cmath>

#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kAxis = 1;

Expected<int> axis(const NodeView& n) {
  ML_ASSIGN(const int64_t value, n.int_scalar(kAxis));
  return axis_of(n, value, n.shape(kInput).rank());
}

// NaNs are passed over; where all are NaN, the first is taken.
template <class T>
bool is_better(T candidate, T best, bool largest) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(candidate)) return false;
    if (std::isnan(best)) return true;
  }
  return largest ? candidate > best : candidate < best;
}

template <class T, class Index>
Expected<void> find(const Evaluation& n, bool largest) {
  const Shape& in = n.shape(kInput);
  ML_ASSIGN(const int along, axis(n));
  const int64_t outer = in.elements(0, along), count = in[along], inner = in.elements(along + 1, in.rank());
  Index* out = n.out<Index>(0);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const T* from = n.data<T>(kInput) + o * count * inner + i;
      int64_t best = 0;
      for (int64_t k = 1; k < count; ++k) {
        if (is_better(from[k * inner], from[best * inner], largest)) best = k;
      }
      *out++ = static_cast<Index>(best);
    }
  }
  return {};
}

template <class T>
Expected<void> find(const Evaluation& n, bool largest) {
  return n.output_dtype(0) == DType::int32 ? find<T, int32_t>(n, largest) : find<T, int64_t>(n, largest);
}

Expected<void> reference(const Evaluation& n, bool largest) {
  switch (n.dtype(kInput)) {
    case DType::float32:
      return find<float>(n, largest);
    case DType::int8:
      return find<int8_t>(n, largest);
    case DType::int32:
      return find<int32_t>(n, largest);
    default:
      return find<uint8_t>(n, largest);  // and bool
  }
}

}  // namespace

Expected<void> verify_arg_min_max(const NodeView& n, const ArgMinMax& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::uint8, DType::int8, DType::int32, DType::boolean}));
  ML_TRY(n.expect_dtype(kAxis, {DType::int32, DType::int64}));
  ML_TRY(n.expect_output_dtype(0, {DType::int32, DType::int64}));
  if (a.output_type != n.output_dtype(0)) {
    return Unexpected(n.fail(fmt::format("output_type {}", name(a.output_type)),
                             fmt::format("{}, the output's type", name(n.output_dtype(0)))));
  }
  return {};
}

Expected<Shapes> infer_arg_min_max(const NodeView& n, const ArgMinMax&) {
  ML_ASSIGN(const int along, axis(n));
  const Shape& in = n.shape(kInput);
  if (in[along] < 1) return Unexpected(n.fail_input(kInput, "shape " + to_string(in), "elements to choose from"));
  Shape out;
  for (int i = 0; i < in.rank(); ++i) {
    if (i != along) out.push_back(in[i]);
  }
  return Shapes{out};
}

Expected<void> arg_max_reference(const Evaluation& n, const ArgMinMax&) { return reference(n, true); }
Expected<void> arg_min_reference(const Evaluation& n, const ArgMinMax&) { return reference(n, false); }

}  // namespace monolite::ops
