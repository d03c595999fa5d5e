#include <fmt/format.h>

#include "base/float16.h"
#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/per_channel.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(0, {DType::uint8, DType::int8, DType::int16, DType::float16, DType::int4}));
  ML_TRY(n.expect_output_dtype(0, {DType::float32}));
  if (n.dtype(0) == DType::float16) return {};
  if (n.dtype(0) == DType::int16) {
    ML_TRY(n.expect_quantized(0));
    if (n.zero_point(0) == 0) return {};
    return Unexpected(n.fail_input(0, fmt::format("zero point {}", n.zero_point(0)), "0, as int16 is symmetric"));
  }
  const int32_t dimension = n.input(0).quantization.dimension;
  if (n.input(0).quantization.is_per_channel() && (dimension < 0 || dimension >= n.shape(0).rank())) {
    return Unexpected(n.fail_input(0, fmt::format("scales along dimension {} of {}", dimension, to_string(n.shape(0))),
                                   "one of its dimensions"));
  }
  return n.expect_quantized_per_channel(0, dimension);
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

// Element i of packed 4-bit numbers, the lower half of a byte first.
int32_t int4_at(const uint8_t* packed, int64_t i) {
  const int32_t nibble = (packed[i / 2] >> (i % 2 == 0 ? 0 : 4)) & 0xF;
  return nibble < 8 ? nibble : nibble - 16;
}

// `at(i)` is element i as an integer.
template <class At>
void dequantize_integers(const Evaluation& n, At at) {
  float* out = n.out<float>(0);
  for_each_scale(n.shape(0), n.input(0).quantization,
                 [&](int64_t first, int64_t count, float scale, int32_t zero_point) {
                   for (int64_t i = first; i < first + count; ++i)
                     out[i] = scale * static_cast<float>(at(i) - zero_point);
                 });
}

template <class T>
void dequantize_array(const Evaluation& n) {
  dequantize_integers(n, [in = n.data<T>(0)](int64_t i) { return int32_t{in[i]}; });
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.dtype(0)) {
    case DType::float16:
      map_unary<uint16_t, float>(n, float_from_half);
      break;
    case DType::uint8:
      dequantize_array<uint8_t>(n);
      break;
    case DType::int8:
      dequantize_array<int8_t>(n);
      break;
    case DType::int16:
      dequantize_array<int16_t>(n);
      break;
    default:
      dequantize_integers(n, [in = n.data<uint8_t>(0)](int64_t i) { return int4_at(in, i); });
  }
  return {};
}

}  // namespace

extern const OpDef dequantize;
const OpDef dequantize = define<NoAttributes>({.code = OpCode::DEQUANTIZE,
                                               .options = "DequantizeOptions",
                                               .verify = verify,
                                               .infer = infer,
                                               .reference = reference});

}  // namespace monolite::ops
