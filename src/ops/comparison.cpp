#include "ops/comparison.h"

namespace monolite::ops {

Expected<void> verify_comparison(const NodeView& n, ComparisonTypes types) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  if (n.dtype(0) != DType::boolean || !types.booleans) {
    ML_TRY(n.expect_dtype(0, {DType::float32, DType::int32, DType::int64, DType::int16, DType::int8, DType::uint8}));
  }
  ML_TRY(n.expect_dtype(1, {n.dtype(0)}));
  ML_TRY(n.expect_output_dtype(0, {DType::boolean}));
  ML_TRY(expect_broadcast(n, 0, 2));
  if (n.dtype(0) == DType::int16) {
    const bool has_scale = n.input(0).quantization.is_quantized();
    if (types.plain_int16 && !(types.quantized_int16 && has_scale)) return {};
  } else if (!is_8bit(n.dtype(0))) {
    return {};
  }
  ML_TRY(n.expect_quantized(0));
  return n.expect_quantized(1);
}

ComparedValue compared_value(const NodeView& n, int input) {
  return {n.zero_point(input), quantize_multiplier(static_cast<double>(n.scale(input)))};
}

}  // namespace monolite::ops
