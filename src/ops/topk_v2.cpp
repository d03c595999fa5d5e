// TOPK_V2: the k largest elements of each row (the innermost dimension) in descending order, and where they stand. Of
// equal elements the first comes first; NaNs come last.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/indices.h"
#include "ops/limits.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kCount = 1;
constexpr int kValues = 0, kIndices = 1;

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(2));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  ML_TRY(n.expect_same_dtype(kInput, kValues));
  ML_TRY(n.expect_dtype(kCount, {DType::int16, DType::int32}));
  ML_TRY(n.expect_output_dtype(kIndices, {DType::int16, DType::int32}));
  if (n.shape(kInput).rank() < 1) return Unexpected(n.fail_input(kInput, "a scalar", "at least one dimension"));
  if (n.shape(kCount).elements() == 1) return {};
  return Unexpected(n.fail_input(kCount, "shape " + to_string(n.shape(kCount)), "one element"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  ML_TRY(expect_value(n, kCount));
  const int64_t count = std::max<int64_t>(index_at(n, kCount, 0), 0);
  Shape out = n.shape(kInput);
  const int32_t row = out.back(0);
  if (row > kMostTensorBytes / 8)
    return Unexpected(n.fail_input(kInput, "rows of " + to_string(n.shape(kInput)), "shorter ones"));
  if (count > row || (n.output_dtype(kIndices) == DType::int16 && row > INT16_MAX + 1)) {
    return Unexpected(n.fail_input(kCount, fmt::format("{} of {} elements", count, row), "as many as there are"));
  }
  out[out.rank() - 1] = static_cast<int32_t>(count);
  return Shapes{out, out};
}

template <class T>
bool comes_before(const T* row, int32_t a, int32_t b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(row[a]) != std::isnan(row[b])) return std::isnan(row[b]);
  }
  return row[a] > row[b] || (!(row[b] > row[a]) && a < b);
}

template <class T, class Index>
void find(const Evaluation& n) {
  const Shape& in = n.shape(kInput);
  const int32_t size = in.back(0), count = n.output_shape(kValues).back(0);
  const int64_t rows = in.elements(0, in.rank() - 1);
  T* values = n.out<T>(kValues);
  Index* indices = n.out<Index>(kIndices);
  std::vector<int32_t> order(static_cast<size_t>(size));
  for (int64_t r = 0; r < rows && count > 0; ++r) {
    const T* row = n.data<T>(kInput) + r * size;
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + count, order.end(),
                      [row](int32_t a, int32_t b) { return comes_before(row, a, b); });
    for (int32_t i = 0; i < count; ++i) {
      const int32_t where = order[static_cast<size_t>(i)];
      *values++ = row[where];
      *indices++ = static_cast<Index>(where);
    }
  }
}

template <class T>
void find(const Evaluation& n) {
  n.output_dtype(kIndices) == DType::int16 ? find<T, int16_t>(n) : find<T, int32_t>(n);
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(kInput)) {
    case DType::float32:
      find<float>(n);
      break;
    case DType::uint8:
      find<uint8_t>(n);
      break;
    case DType::int8:
      find<int8_t>(n);
      break;
    case DType::int16:
      find<int16_t>(n);
      break;
    case DType::int32:
      find<int32_t>(n);
      break;
    default:
      find<int64_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef topk_v2;
const OpDef topk_v2 = define<NoAttributes>(
    {.code = OpCode::TOPK_V2, .options = "TopKV2Options", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
