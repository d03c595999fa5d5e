#include "ops/mean.h"

#include <bit>

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const Reducer&) {
  ML_TRY(verify_reduction(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  if (size_bits(n.dtype(0)) > 16) return {};
  ML_TRY(n.expect_quantized(0));
  return n.expect_output_quantized(0);
}

template <class T, class Sum>
void plain_mean(const Evaluation& n, const Reduction& r) {
  const T* in = n.data<T>(0);
  std::vector<Sum> sums(static_cast<size_t>(r.outputs()));
  r.for_each([&](int64_t o, int64_t i) { sums[static_cast<size_t>(o)] += in[i]; });
  T* out = n.out<T>(0);
  for (const Sum sum : sums) *out++ = static_cast<T>(sum / static_cast<Sum>(r.elements()));
}

// The mean of no elements is NaN; integers have 0 for it.
template <class T>
void no_mean(const Evaluation& n, const Reduction& r) {
  std::fill_n(n.out<T>(0), r.outputs(), std::numeric_limits<T>::quiet_NaN());
}

template <class T>
void mean(const Evaluation& n, const Reduction& r) {
  if (r.elements() == 0) return no_mean<T>(n, r);
  if constexpr (sizeof(T) <= 2) {
    write_sums<T>(n, r, mean_multiplier(n, r.elements()));
  } else {
    plain_mean<T, std::conditional_t<std::is_integral_v<T>, int64_t, T>>(n, r);
  }
}

Expected<void> reference(const Evaluation& n, const Reducer&) {
  ML_ASSIGN(const Reduction r, Reduction::of(n));
  switch (n.dtype(0)) {
    case DType::float32:
      mean<float>(n, r);
      break;
    case DType::uint8:
      mean<uint8_t>(n, r);
      break;
    case DType::int8:
      mean<int8_t>(n, r);
      break;
    case DType::int16:
      mean<int16_t>(n, r);
      break;
    case DType::int32:
      mean<int32_t>(n, r);
      break;
    default:
      mean<int64_t>(n, r);
  }
  return {};
}

}  // namespace

// input scale / output scale / elements. The division by the number of elements truncates the mantissa, after a shift
// by the number's bits that keeps its precision.
Multiplier mean_multiplier(const NodeView& n, int64_t elements) {
  Multiplier m = quantize_multiplier(static_cast<double>(n.scale(0)) / static_cast<double>(n.output_scale(0)));
  const int bits = std::bit_width(static_cast<uint64_t>(elements)) - 1;
  const int shift = std::min({bits, 32, 31 + m.shift});
  return {static_cast<int32_t>((int64_t{m.mantissa} << shift) / elements), m.shift - shift};
}

extern const OpDef mean;
const OpDef mean = define<Reducer>({.code = OpCode::MEAN,
                                    .options = "ReducerOptions",
                                    .verify = verify,
                                    .infer = infer_reduction,
                                    .reference = reference});

}  // namespace monolite::ops
