// REDUCE_PROD: the product over the dimensions that input 1 names.

#include <fmt/format.h>

#include <cmath>

#include "ops/reduction.h"

namespace monolite::ops {
namespace {

bool is_quantized(const NodeView& n) { return n.input(0).quantization.is_quantized(); }

Expected<void> verify(const NodeView& n, const Reducer&) {
  ML_TRY(verify_reduction(n, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64}));
  if (!is_quantized(n)) return {};
  ML_TRY(n.expect_dtype(0, {DType::int8, DType::int16}));
  ML_TRY(n.expect_quantized(0));
  return n.expect_output_quantized(0);
}

template <class T>
Expected<void> plain_product(const Evaluation& n) {
  return reduce<T>(n, T{1}, [](T product, T x) { return static_cast<T>(product * x); });
}

// Each factor is multiplied by input scale / (output scale)^(1 / elements) on the way, so that the accumulator stays
// small: also the last one, which is LiteRT's first.
Expected<Multiplier> step_multiplier(const Evaluation& n, int64_t elements) {
  const double root = std::pow(static_cast<double>(n.output_scale(0)), 1.0 / static_cast<double>(elements));
  const Multiplier m = quantize_multiplier(static_cast<double>(n.scale(0)) / root);
  if (m.shift <= 7) return m;
  return Unexpected(n.fail(fmt::format("a scale of {} to {}", n.scale(0), n.output_scale(0)), "a ratio below 128"));
}

template <class T>
Expected<void> quantized_product(const Evaluation& n) {
  ML_ASSIGN(const Reduction r, Reduction::of(n));
  ML_ASSIGN(const Multiplier step, step_multiplier(n, std::max<int64_t>(r.elements(), 1)));
  const T* in = n.data<T>(0);
  const int32_t zero_point = n.zero_point(0);
  std::vector<int32_t> products(static_cast<size_t>(r.outputs()));
  std::vector<bool> started(products.size());
  r.for_each([&](int64_t o, int64_t i) {
    const auto k = static_cast<size_t>(o);
    const int32_t x = in[i] - zero_point;
    products[k] = started[k] ? multiply(int64_t{products[k]} * x, step) : x;
    started[k] = true;
  });
  T* out = n.out<T>(0);
  for (const int32_t product : products) {
    const int32_t value = multiply(int64_t{product}, step) + n.output_zero_point(0);
    *out++ = static_cast<T>(std::clamp<int32_t>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
  return {};
}

Expected<void> reference(const Evaluation& n, const Reducer&) {
  switch (n.dtype(0)) {
    case DType::float32:
      return plain_product<float>(n);
    case DType::uint8:
      return plain_product<uint8_t>(n);
    case DType::int8:
      return is_quantized(n) ? quantized_product<int8_t>(n) : plain_product<int8_t>(n);
    case DType::int16:
      return is_quantized(n) ? quantized_product<int16_t>(n) : plain_product<int16_t>(n);
    case DType::int32:
      return plain_product<int32_t>(n);
    default:
      return plain_product<int64_t>(n);
  }
}

}  // namespace

extern const OpDef reduce_prod;
const OpDef reduce_prod = define<Reducer>({.code = OpCode::REDUCE_PROD,
                                           .options = "ReducerOptions",
                                           .verify = verify,
                                           .infer = infer_reduction,
                                           .reference = reference});

}  // namespace monolite::ops
