#include "ops/resize_bilinear.h"

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/resize_samples.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kSize = 1;

Expected<void> verify(const NodeView& n, const ResizeBilinear& a) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(kInput, 4));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::uint8, DType::int8, DType::int16}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kSize, {DType::int32}));
  if (n.shape(kSize) != Shape{2}) {
    return Unexpected(n.fail_input(kSize, "shape " + to_string(n.shape(kSize)), "2 elements: height, width"));
  }
  if (a.align_corners && a.half_pixel_centers) {
    return Unexpected(n.fail("align_corners and half_pixel_centers both set", "at most one",
                             "clear align_corners: TensorFlow 2 means half_pixel_centers"));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const ResizeBilinear&) {
  ML_ASSIGN(const auto size, n.ints(kSize));
  const Shape& in = n.shape(kInput);
  if (size[0] < 1 || size[1] < 1 || in[1] < 1 || in[2] < 1) {
    return Unexpected(n.fail(fmt::format("{}x{} to {}x{}", in[1], in[2], size[0], size[1]), "sizes of at least 1x1"));
  }
  return Shapes{{in[0], static_cast<int32_t>(size[0]), static_cast<int32_t>(size[1]), in[3]}};
}

float interpolate(float top_left, float bottom_left, float top_right, float bottom_right, float y, float x) {
  return top_left * (1 - y) * (1 - x) + bottom_left * y * (1 - x) + top_right * (1 - y) * x + bottom_right * y * x;
}

template <class T>
struct Float {
  static auto samples(int32_t in, int32_t out, const ResizeBilinear& a) { return float_samples(in, out, a); }
  static T value(T tl, T bl, T tr, T br, float y, float x) {
    const float sum = interpolate(tl, bl, tr, br, y, x);
    return static_cast<T>(std::is_integral_v<T> ? sum + 0.5f : sum);
  }
};

template <class T>
struct Integer {
  static auto samples(int32_t in, int32_t out, const ResizeBilinear& a) { return integer_samples(in, out, a); }
  static T value(int64_t tl, int64_t bl, int64_t tr, int64_t br, int64_t y, int64_t x) {
    const int64_t sum = tl * (1024 - y) * (1024 - x) + bl * y * (1024 - x) + tr * (1024 - y) * x + br * y * x;
    return static_cast<T>((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
  }
};

template <class T, class Arithmetic>
void resize(const Evaluation& n, const ResizeBilinear& a) {
  const Shape& in = n.shape(kInput);
  const Shape& out_shape = n.output_shape(0);
  const auto ys = Arithmetic::samples(in[1], out_shape[1], a);
  const auto xs = Arithmetic::samples(in[2], out_shape[2], a);
  const int32_t channels = in[3];
  T* out = n.out<T>(0);
  for (int32_t b = 0; b < in[0]; ++b) {
    const T* picture = n.data<T>(kInput) + int64_t{b} * in[1] * in[2] * channels;
    for (const auto& y : ys) {
      const T* top = picture + int64_t{y.lower} * in[2] * channels;
      const T* bottom = picture + int64_t{y.upper} * in[2] * channels;
      for (const auto& x : xs) {
        const int64_t left = int64_t{x.lower} * channels, right = int64_t{x.upper} * channels;
        for (int32_t c = 0; c < channels; ++c) {
          *out++ = Arithmetic::value(top[left + c], bottom[left + c], top[right + c], bottom[right + c], y.fraction,
                                     x.fraction);
        }
      }
    }
  }
}

Expected<void> reference(const Evaluation& n, const ResizeBilinear& a) {
  switch (n.dtype(kInput)) {
    case DType::float32:
      resize<float, Float<float>>(n, a);
      break;
    case DType::uint8:
      resize<uint8_t, Float<uint8_t>>(n, a);
      break;
    case DType::int8:
      resize<int8_t, Integer<int8_t>>(n, a);
      break;
    default:
      resize<int16_t, Integer<int16_t>>(n, a);
  }
  return {};
}

}  // namespace

extern const OpDef resize_bilinear;
const OpDef resize_bilinear = define<ResizeBilinear>({.code = OpCode::RESIZE_BILINEAR,
                                                      .options = "ResizeBilinearOptions",
                                                      .verify = verify,
                                                      .infer = infer,
                                                      .reference = reference});

}  // namespace monolite::ops
