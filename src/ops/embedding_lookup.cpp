// EMBEDDING_LOOKUP: indices [N], table [R, ...] -> [N, ...], row by row; int8 rows may be dequantized on the way.

#include <fmt/format.h>

#include <cstring>

#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kIndices = 0, kTable = 1;

bool dequantizes(const NodeView& n) { return n.dtype(kTable) == DType::int8 && n.output_dtype(0) == DType::float32; }

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(kIndices, 1));
  ML_TRY(n.expect_rank(kTable, 2, 8));
  ML_TRY(n.expect_dtype(kIndices, {DType::int32}));
  ML_TRY(n.expect_dtype(kTable, {DType::float32, DType::float16, DType::uint8, DType::int8, DType::int16, DType::int32,
                                 DType::int64, DType::boolean}));
  if (!dequantizes(n)) return n.expect_same_dtype(kTable, 0);
  ML_TRY(n.expect_quantized_per_channel(kTable, 0));
  const auto& zero_point = n.input(kTable).quantization.zero_point;
  if (zero_point.empty() || zero_point[0] == 0) return {};
  return Unexpected(n.fail_input(kTable, fmt::format("zero point {}", zero_point[0]), "0"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) {
  Shape out = n.shape(kTable);
  out[0] = n.shape(kIndices)[0];
  return Shapes{out};
}

void dequantize_row(const Evaluation& n, int32_t index, int64_t from, float* to, int64_t length) {
  const std::vector<float>& scale = n.input(kTable).quantization.scale;
  const float s = scale[scale.size() > 1 ? static_cast<size_t>(index) : 0];
  const int8_t* row = n.data<int8_t>(kTable) + from;
  for (int64_t i = 0; i < length; ++i) to[i] = static_cast<float>(row[i]) * s;
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const Shape& table = n.shape(kTable);
  const int64_t length = table.elements(1, table.rank());
  const int64_t bytes = length * size_bytes(n.dtype(kTable));
  for (int32_t i = 0; i < n.shape(kIndices)[0]; ++i) {
    const int32_t index = n.data<int32_t>(kIndices)[i];
    if (index < 0 || index >= table[0]) {
      return Unexpected(n.fail_input(kIndices, fmt::format("index {}", index), fmt::format("0 to {}", table[0] - 1)));
    }
    if (dequantizes(n)) {
      dequantize_row(n, index, index * length, n.out<float>(0) + i * length, length);
    } else {
      std::memcpy(n.out<std::byte>(0) + i * bytes, n.data<std::byte>(kTable) + index * bytes,
                  static_cast<size_t>(bytes));
    }
  }
  return {};
}

}  // namespace

extern const OpDef embedding_lookup;
const OpDef embedding_lookup =
    define<NoAttributes>({.code = OpCode::EMBEDDING_LOOKUP, .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
