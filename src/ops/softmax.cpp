#include "ops/softmax.h"

#include <fmt/format.h>

#include "ops/fixed_point_math.h"
#include "ops/lookup_table.h"
#include "ops/op.h"
#include "ops/softmax_scale.h"

namespace monolite::ops {
namespace {

constexpr int32_t kLongestRow16 = 65536;  // sums of Q15 numbers in an int32

Expected<void> verify_quantized(const NodeView& n, const Softmax& a) {
  ML_TRY(n.expect_quantized(0));
  if (n.dtype(0) == DType::int16) {
    ML_TRY(n.expect_same_dtype(0, 0));
    if (n.shape(0).back(0) <= kLongestRow16) return {};
    return Unexpected(
        n.fail_input(0, "shape " + to_string(n.shape(0)), fmt::format("rows of at most {}", kLongestRow16)));
  }
  if (n.output_dtype(0) != DType::int16) ML_TRY(n.expect_same_dtype(0, 0));
  if (softmax_multiplier(a.beta, n.scale(0)) > 1) return {};
  return Unexpected(n.fail(fmt::format("beta {} and scale {}", a.beta, n.scale(0)), "a product above 2^-26",
                           "such a softmax gives the same share to every element"));
}

Expected<void> verify(const NodeView& n, const Softmax& a) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 1, 8));
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  if (n.dtype(0) != DType::float32) return verify_quantized(n, a);
  return n.expect_same_dtype(0, 0);
}

Expected<Shapes> infer(const NodeView& n, const Softmax&) { return Shapes{n.shape(0)}; }

// Calls row(input, output, length) for each row of the innermost dimension.
template <class In, class Out, class Row>
void by_rows(const Evaluation& n, Row row) {
  const int64_t depth = n.shape(0).back(0), elements = n.shape(0).elements();
  for (int64_t i = 0; i < elements; i += depth) row(n.data<In>(0) + i, n.out<Out>(0) + i, depth);
}

void float_reference(const Evaluation& n, const Softmax& a) {
  by_rows<float, float>(n, [&](const float* in, float* out, int64_t depth) {
    float most = std::numeric_limits<float>::lowest();
    for (int64_t c = 0; c < depth; ++c) most = std::max(most, in[c]);
    float sum = 0;
    for (int64_t c = 0; c < depth; ++c) {
      out[c] = std::exp((in[c] - most) * a.beta);
      sum += out[c];
    }
    for (int64_t c = 0; c < depth; ++c) out[c] /= sum;
  });
}

// The output's scale is 1 / 2^bits, whatever the file says, and its zero point the least value of its type.
template <class In, class Out>
void eight_bit_reference(const Evaluation& n, const Softmax& a) {
  const SoftmaxScale scale = softmax_scale(softmax_multiplier(a.beta, n.scale(0)));
  constexpr int32_t kLeast = std::numeric_limits<Out>::min(), kMost = std::numeric_limits<Out>::max();
  by_rows<In, Out>(n, [&](const In* in, Out* out, int64_t depth) {
    const int32_t most = *std::max_element(in, in + depth);
    uint32_t sum = 0;  // Q12, read as unsigned
    for (int64_t c = 0; c < depth; ++c) {
      if (in[c] - most < scale.least_difference) continue;
      sum += static_cast<uint32_t>(
          rounding_divide_by_pot(exp_on_negative_values<5>(multiply(in[c] - most, scale.to_q5)), 12));
    }
    const Reciprocal share = reciprocal(static_cast<int32_t>(sum), 12);
    const int shift = share.exponent + 31 - static_cast<int>(sizeof(Out) * 8);
    for (int64_t c = 0; c < depth; ++c) {
      int32_t value = 0;
      // Where even the largest share rounds to nothing (LiteRT ends the process there) the shift passes 31.
      if (shift <= 31 && in[c] - most >= scale.least_difference) {
        const int32_t e = exp_on_negative_values<5>(multiply(in[c] - most, scale.to_q5));
        value = rounding_divide_by_pot(fixed_product(share.mantissa, e), shift);
      }
      out[c] = static_cast<Out>(std::clamp(value + kLeast, kLeast, kMost));
    }
  });
}

// Q15 exponentials from one table, the reciprocal of their sum from another.
void sixteen_bit_reference(const Evaluation& n, const Softmax& a) {
  static const ShortTable exp_table(10.0 / 65535, 32767, 2.0 / 65535, 0, [](double x) { return std::exp(x); });
  static const ShortTable reciprocal_table(1.0 / 65535, -32768, 2.0 / 65535, 0,
                                           [](double x) { return 1.0 / (1.0 + x); });
  // [-65535, 0] stands for [-10, 0]
  const Multiplier scale = quantize_multiplier(static_cast<double>(n.scale(0) * a.beta) / (10.0 / 65535.0));
  const auto saturate = [](int32_t x) { return static_cast<int16_t>(std::clamp(x, -32768, 32767)); };
  by_rows<int16_t, int16_t>(n, [&](const int16_t* in, int16_t* out, int64_t depth) {
    const int32_t most = *std::max_element(in, in + depth);
    int32_t sum = 0;
    for (int64_t c = 0; c < depth; ++c) {
      out[c] = exp_table(saturate(multiply(in[c] - most, scale) + 32767));
      sum += out[c];
    }
    const int headroom = std::countl_zero(static_cast<uint32_t>(sum));
    const auto unit =
        static_cast<int32_t>(((int64_t{sum} << (headroom - 1)) + (1 << 13)) >> 14);  // 1 + x, in [2^16, 2^17]
    const int64_t share = reciprocal_table(saturate(unit - (1 << 15) - (1 << 16)));
    const int shift = 31 - headroom;
    for (int64_t c = 0; c < depth; ++c) {
      out[c] =
          static_cast<int16_t>(std::clamp<int64_t>((out[c] * share + (int64_t{1} << (shift - 1))) >> shift, 0, 32767));
    }
  });
}

Expected<void> reference(const Evaluation& n, const Softmax& a) {
  const bool wide = n.output_dtype(0) == DType::int16;
  switch (n.dtype(0)) {
    case DType::float32:
      float_reference(n, a);
      break;
    case DType::uint8:
      wide ? eight_bit_reference<uint8_t, int16_t>(n, a) : eight_bit_reference<uint8_t, uint8_t>(n, a);
      break;
    case DType::int8:
      wide ? eight_bit_reference<int8_t, int16_t>(n, a) : eight_bit_reference<int8_t, int8_t>(n, a);
      break;
    default:
      sixteen_bit_reference(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef softmax;
const OpDef softmax = define<Softmax>(
    {.code = OpCode::SOFTMAX, .options = "SoftmaxOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
