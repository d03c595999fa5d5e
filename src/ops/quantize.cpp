#include <cmath>

#include "base/fixed_point.h"
#include "ops/elementwise.h"
#include "ops/op.h"
#include "ops/per_channel.h"

namespace monolite::ops {
namespace {

Expected<void> verify_types(const NodeView& n) {
  switch (n.dtype(0)) {
    case DType::int16:
      return n.expect_output_dtype(0, {DType::int8, DType::int16, DType::int32});
    case DType::int32:
      return n.expect_output_dtype(0, {DType::int8, DType::int16});
    default:
      return n.expect_output_dtype(0, {DType::uint8, DType::int8, DType::int16});
  }
}

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32}));
  ML_TRY(verify_types(n));
  if (n.dtype(0) == DType::float32) return n.expect_output_quantized_per_channel(0, n.shape(0));
  ML_TRY(n.expect_quantized(0));
  ML_TRY(n.expect_output_quantized(0));
  if (n.dtype(0) == DType::int16 && n.output_dtype(0) == DType::int16) return expect_quantized_io(n);
  return {};
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return same_shape(n); }

template <class T>
T saturate(int32_t value) {
  return static_cast<T>(std::clamp<int32_t>(value, std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()));
}

template <class Out>
void from_float(const Evaluation& n) {
  const float* in = n.data<float>(0);
  Out* out = n.out<Out>(0);
  for_each_scale(n.shape(0), n.output(0).quantization,
                 [&](int64_t first, int64_t count, float scale, int32_t zero_point) {
                   for (int64_t i = first; i < first + count; ++i) {
                     out[i] = saturate<Out>(truncate_to_int32(std::round(in[i] / scale)) + zero_point);
                   }
                 });
}

// From one quantization to another.
template <class In, class Out>
void rescale(const Evaluation& n) {
  const Multiplier multiplier =
      quantize_multiplier(static_cast<double>(n.scale(0)) / static_cast<double>(n.output_scale(0)));
  const int32_t zero_point = n.zero_point(0), output_zero_point = n.output_zero_point(0);
  map_unary<In, Out>(n, [&](In value) {
    return saturate<Out>(multiply(static_cast<int32_t>(value) - zero_point, multiplier) + output_zero_point);
  });
}

template <class Out>
void to(const Evaluation& n) {
  switch (n.dtype(0)) {
    case DType::float32:
      return from_float<Out>(n);
    case DType::uint8:
      return rescale<uint8_t, Out>(n);
    case DType::int8:
      return rescale<int8_t, Out>(n);
    case DType::int16:
      return rescale<int16_t, Out>(n);
    default:
      return rescale<int32_t, Out>(n);
  }
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  switch (n.output_dtype(0)) {
    case DType::uint8:
      to<uint8_t>(n);
      break;
    case DType::int8:
      to<int8_t>(n);
      break;
    case DType::int16:
      to<int16_t>(n);
      break;
    default:
      to<int32_t>(n);
  }
  return {};
}

}  // namespace

extern const OpDef quantize;
const OpDef quantize = define<NoAttributes>(
    {.code = OpCode::QUANTIZE, .options = "QuantizeOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
