// RANGE: start, start + delta, … before limit (inputs 0, 2, 1).

#include <fmt/format.h>

#include <cmath>

#include "ops/indices.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kStart = 0, kLimit = 1, kDelta = 2;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(3, 3));
  ML_TRY(n.expect_outputs(1));
  for (const int i : {kStart, kLimit, kDelta}) {
    ML_TRY(n.expect_dtype(i, {DType::float32, DType::int32, DType::int64}));
    ML_TRY(n.expect_same_dtype(i, 0));
    if (n.shape(i).elements() != 1) return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)), "one element"));
  }
  return {};
}

template <class T>
double steps(T start, T limit, T delta) {
  return std::ceil(std::abs((limit - start) / delta));
}

// Exact, also where limit - start is beyond the type.
double steps(int64_t start, int64_t limit, int64_t delta) {
  const auto difference = [](int64_t a, int64_t b) { return static_cast<uint64_t>(a) - static_cast<uint64_t>(b); };
  const uint64_t distance = start < limit ? difference(limit, start) : difference(start, limit);
  const uint64_t step = delta < 0 ? difference(0, delta) : static_cast<uint64_t>(delta);
  return static_cast<double>(distance / step) + (distance % step != 0 ? 1 : 0);
}

template <class T, class Wide = T>
Expected<Shapes> infer_typed(const NodeView& n) {
  const T start = *n.data<T>(kStart), limit = *n.data<T>(kLimit), delta = *n.data<T>(kDelta);
  const bool leads_there = (start >= limit && delta < 0) || (start <= limit && delta > 0);
  const double count = leads_there ? steps(Wide{start}, Wide{limit}, Wide{delta}) : -1;
  if (count >= 0 && count <= INT32_MAX) return Shapes{Shape{static_cast<int32_t>(count)}};
  return Unexpected(n.fail(fmt::format("from {} to {} by {}", start, limit, delta), "a step that leads there"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  for (const int i : {kStart, kLimit, kDelta}) ML_TRY(expect_value(n, i));
  switch (n.dtype(kStart)) {
    case DType::float32:
      return infer_typed<float>(n);
    case DType::int32:
      return infer_typed<int32_t, int64_t>(n);
    default:
      return infer_typed<int64_t>(n);
  }
}

// Each value is the one before plus delta, rounded each time where they are floats.
template <class T>
void count_up(const Evaluation& n) {
  T value = *n.data<T>(kStart);
  for (int32_t i = 0; i < n.output_shape(0)[0]; ++i) {
    n.out<T>(0)[i] = value;
    value += *n.data<T>(kDelta);
  }
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(kStart)) {
    case DType::float32:
      count_up<float>(n);
      break;
    case DType::int32:
      count_up<int32_t>(n);
      break;
    default:
      count_up<int64_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef range;
const OpDef range = define<NoAttributes>(
    {.code = OpCode::RANGE, .options = "RangeOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
