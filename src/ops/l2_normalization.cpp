#include "ops/l2_normalization.h"

#include <fmt/format.h>

#include <cmath>

#include "ops/fixed_point_math.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const L2Normalization& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 1, 8));
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::uint8, DType::int8}));
  ML_TRY(n.expect_same_dtype(0, 0));
  if (a.fused_activation_function != Activation::none) {
    return Unexpected(n.fail(fmt::format("fused activation {}", static_cast<int>(a.fused_activation_function)), "NONE",
                             "put the activation behind as a node of its own"));
  }
  if (n.dtype(0) == DType::float32) return {};
  ML_TRY(n.expect_quantized(0));
  return n.expect_output_quantized(0);
}

Expected<Shapes> infer(const NodeView& n, const L2Normalization&) { return Shapes{n.shape(0)}; }

void float_row(const float* in, float* out, int32_t depth) {
  float sum = 0;
  for (int32_t c = 0; c < depth; ++c) sum += in[c] * in[c];
  const float norm = std::max(std::sqrt(sum), 1e-6f);
  for (int32_t c = 0; c < depth; ++c) out[c] = in[c] / norm;
}

// The output's scale is 1/128 and its zero point the middle of its type, whatever the file says.
template <class T>
void quantized_row(const T* in, T* out, int32_t depth, int32_t zero_point) {
  int32_t sum = 0;
  for (int32_t c = 0; c < depth; ++c) sum += (in[c] - zero_point) * (in[c] - zero_point);
  const Multiplier inverse = inverse_square_root(sum);
  constexpr bool kSigned = std::is_signed_v<T>;
  for (int32_t c = 0; c < depth; ++c) {
    const int32_t x = in[c] - zero_point;
    // uint8: times 128 before the two roundings; int8: the 2^7 joins the shift.
    const int32_t scaled =
        kSigned ? multiply(x, {inverse.mantissa, inverse.shift + 7}) : 128 + multiply(128 * x, inverse);
    out[c] = static_cast<T>(std::clamp<int32_t>(scaled, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
}

Expected<void> reference(const Evaluation& n, const L2Normalization&) {
  const int32_t depth = n.shape(0).back(0);
  const int64_t elements = n.shape(0).elements();
  for (int64_t i = 0; i < elements; i += depth) {
    switch (n.dtype(0)) {
      case DType::float32:
        float_row(n.data<float>(0) + i, n.out<float>(0) + i, depth);
        break;
      case DType::uint8:
        quantized_row(n.data<uint8_t>(0) + i, n.out<uint8_t>(0) + i, depth, n.zero_point(0));
        break;
      default:
        quantized_row(n.data<int8_t>(0) + i, n.out<int8_t>(0) + i, depth, n.zero_point(0));
    }
  }
  return {};
}

}  // namespace

extern const OpDef l2_normalization;
const OpDef l2_normalization = define<L2Normalization>({.code = OpCode::L2_NORMALIZATION,
                                                        .options = "L2NormOptions",
                                                        .verify = verify,
                                                        .infer = infer,
                                                        .reference = reference});

}  // namespace monolite::ops
