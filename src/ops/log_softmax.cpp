// LOG_SOFTMAX: x - max - log(sum of exp(x - max)) along the innermost dimension.

#include <fmt/format.h>

#include <cmath>

#include "ops/fixed_point_math.h"
#include "ops/op.h"
#include "ops/softmax_scale.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const NoAttributes&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 1, 8));
  ML_TRY(n.expect_dtype(0, {DType::float32, DType::uint8, DType::int8}));
  ML_TRY(n.expect_same_dtype(0, 0));
  if (n.dtype(0) == DType::float32) return {};
  ML_TRY(n.expect_quantized(0));
  // The multiplier back from Q5 must be below 1 as well.
  if (softmax_multiplier(1.0, n.scale(0)) > 1) return {};
  return Unexpected(n.fail_input(0, fmt::format("scale {}", n.scale(0)), "a scale above 2^-26"));
}

Expected<Shapes> infer(const NodeView& n, const NoAttributes&) { return Shapes{n.shape(0)}; }

void float_row(const float* in, float* out, int32_t depth) {
  float most = std::numeric_limits<float>::lowest();
  for (int32_t c = 0; c < depth; ++c) most = std::max(most, in[c]);
  float sum = 0;
  for (int32_t c = 0; c < depth; ++c) sum += std::exp(in[c] - most);
  const float log_sum = std::log(sum);
  for (int32_t c = 0; c < depth; ++c) out[c] = in[c] - most - log_sum;
}

// How 8-bit rows are computed: the way to Q5, and back to steps of the input.
struct Scales {
  SoftmaxScale in;
  Multiplier back;
};

Scales scales(double input_scale) {
  const SoftmaxScale in = softmax_scale(softmax_multiplier(1.0, input_scale));
  // LiteRT computes 2^(31 - shift) in int: the largest shift, 31, leaves 1.
  const auto unit = static_cast<double>(int64_t{1} << (31 - in.to_q5.shift));
  return {in, quantize_multiplier(unit / static_cast<double>(in.to_q5.mantissa))};
}

// The output stands for [-255/16, 0] in steps of 1/16, whatever the file says.
template <class T>
void quantized_row(const T* in, T* out, int32_t depth, const Scales& s) {
  constexpr int32_t kLeast = std::numeric_limits<T>::min(), kMost = std::numeric_limits<T>::max();
  const int32_t most = *std::max_element(in, in + depth);
  int32_t sum = 0;  // Q12
  for (int32_t c = 0; c < depth; ++c) {
    if (in[c] - most < s.in.least_difference) continue;
    sum += rounding_divide_by_pot(exp_on_negative_values<5>(multiply(in[c] - most, s.in.to_q5)), 12);
  }
  const int32_t log_sum = log_of_at_least_one<12, 5>(sum);  // Q5
  const int32_t least_q5 = log_sum + std::numeric_limits<int32_t>::min();
  const int32_t least = std::max(s.in.least_difference - 1, multiply(least_q5, s.back));
  for (int32_t c = 0; c < depth; ++c) {
    const int32_t difference = in[c] - most;
    if (difference <= least) {
      out[c] = std::numeric_limits<T>::min();
      continue;
    }
    const int32_t steps = rounding_divide_by_pot(multiply(difference, s.in.to_q5) - log_sum, 31 - 5 - 4);
    out[c] = static_cast<T>(std::clamp(steps + kMost, kLeast, kMost));
  }
}

Expected<void> reference(const Evaluation& n, const NoAttributes&) {
  const int32_t depth = n.shape(0).back(0);
  const int64_t elements = n.shape(0).elements();
  const Scales s = n.dtype(0) == DType::float32 ? Scales{} : scales(n.scale(0));
  for (int64_t i = 0; i < elements; i += depth) {
    switch (n.dtype(0)) {
      case DType::float32:
        float_row(n.data<float>(0) + i, n.out<float>(0) + i, depth);
        break;
      case DType::uint8:
        quantized_row(n.data<uint8_t>(0) + i, n.out<uint8_t>(0) + i, depth, s);
        break;
      default:
        quantized_row(n.data<int8_t>(0) + i, n.out<int8_t>(0) + i, depth, s);
    }
  }
  return {};
}

}  // namespace

extern const OpDef log_softmax;
const OpDef log_softmax = define<NoAttributes>({.code = OpCode::LOG_SOFTMAX,
                                                .options = "LogSoftmaxOptions",
                                                .verify = verify,
                                                .infer = infer,
                                                .reference = reference});

}  // namespace monolite::ops
