#include "ops/convolution.h"

#include <fmt/format.h>

namespace monolite::ops {
namespace {

Expected<void> expect_bias(const NodeView& n, ConvolutionRoles roles, int32_t channels, bool narrow_bias) {
  if (!n.has_input(roles.bias)) return {};
  if (n.shape(roles.bias).elements() != channels) {
    return Unexpected(
        n.fail_input(roles.bias, "shape " + to_string(n.shape(roles.bias)), fmt::format("{} elements", channels)));
  }
  switch (n.dtype(roles.input)) {
    case DType::float32:
      return n.expect_dtype(roles.bias, {DType::float32});
    case DType::int16:
      return narrow_bias ? n.expect_dtype(roles.bias, {DType::int32, DType::int64})
                         : n.expect_dtype(roles.bias, {DType::int64});
    default:
      return n.expect_dtype(roles.bias, {DType::int32});
  }
}

}  // namespace

Expected<void> expect_convolution_types(const NodeView& n, ConvolutionRoles roles, int32_t channels, bool narrow_bias) {
  ML_TRY(n.expect_dtype(roles.input, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  ML_TRY(n.expect_same_dtype(roles.input, 0));
  ML_TRY(expect_bias(n, roles, channels, narrow_bias));
  if (n.dtype(roles.input) == DType::float32) {
    ML_TRY(n.expect_dtype(roles.filter, {DType::float32, DType::int8}));
    const bool hybrid = n.dtype(roles.filter) == DType::int8;
    return hybrid ? n.expect_quantized_per_channel(roles.filter, roles.channel_dimension) : Expected<void>();
  }
  ML_TRY(n.expect_quantized(roles.input));
  ML_TRY(n.expect_output_quantized(0));
  if (n.dtype(roles.input) == DType::uint8) {
    ML_TRY(n.expect_dtype(roles.filter, {DType::uint8}));
    return n.expect_quantized(roles.filter);
  }
  ML_TRY(n.expect_dtype(roles.filter, {DType::int8}));
  return n.expect_quantized_per_channel(roles.filter, roles.channel_dimension);
}

}  // namespace monolite::ops
