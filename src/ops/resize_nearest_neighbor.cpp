#include "ops/resize_nearest_neighbor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/op.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kSize = 1;

Expected<void> verify(const NodeView& n, const ResizeNearestNeighbor&) {
  ML_TRY(n.expect_inputs(2, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(kInput, 4));
  ML_TRY(n.expect_dtype(kInput, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32}));
  ML_TRY(n.expect_same_dtype(kInput, 0));
  ML_TRY(n.expect_dtype(kSize, {DType::int32}));
  if (n.shape(kSize) == Shape{2}) return {};
  return Unexpected(n.fail_input(kSize, "shape " + to_string(n.shape(kSize)), "2 elements: height, width"));
}

Expected<Shapes> infer(const NodeView& n, const ResizeNearestNeighbor&) {
  ML_ASSIGN(const auto size, n.ints(kSize));
  const Shape& in = n.shape(kInput);
  if (size[0] < 1 || size[1] < 1 || in[1] < 1 || in[2] < 1) {
    return Unexpected(n.fail(fmt::format("{}x{} to {}x{}", in[1], in[2], size[0], size[1]), "sizes of at least 1x1"));
  }
  return Shapes{{in[0], static_cast<int32_t>(size[0]), static_cast<int32_t>(size[1]), in[3]}};
}

// Which input row (or column) each output one copies; computed in float32, as LiteRT does.
std::vector<int32_t> sources(int32_t in, int32_t out, const ResizeNearestNeighbor& a) {
  const float scale = a.align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                                 : static_cast<float>(in) / static_cast<float>(out);
  const float offset = a.half_pixel_centers ? 0.5f : 0.0f;
  std::vector<int32_t> from;
  for (int32_t i = 0; i < out; ++i) {
    const float position = (static_cast<float>(i) + offset) * scale;
    const float nearest = a.align_corners ? std::round(position) : std::floor(position);
    from.push_back(std::min(static_cast<int32_t>(nearest), in - 1));
  }
  return from;
}

Expected<void> reference(const Evaluation& n, const ResizeNearestNeighbor& a) {
  const Shape& in = n.shape(kInput);
  const Shape& out_shape = n.output_shape(0);
  const auto ys = sources(in[1], out_shape[1], a), xs = sources(in[2], out_shape[2], a);
  const int64_t pixel = int64_t{in[3]} * size_bytes(n.dtype(kInput));
  std::byte* out = n.out<std::byte>(0);
  for (int32_t b = 0; b < in[0]; ++b) {
    for (const int32_t y : ys) {
      const std::byte* row = n.data<std::byte>(kInput) + (int64_t{b} * in[1] + y) * in[2] * pixel;
      for (const int32_t x : xs) {
        std::memcpy(out, row + x * pixel, static_cast<size_t>(pixel));
        out += pixel;
      }
    }
  }
  return {};
}

}  // namespace

extern const OpDef resize_nearest_neighbor;
const OpDef resize_nearest_neighbor = define<ResizeNearestNeighbor>({.code = OpCode::RESIZE_NEAREST_NEIGHBOR,
                                                                     .options = "ResizeNearestNeighborOptions",
                                                                     .verify = verify,
                                                                     .infer = infer,
                                                                     .reference = reference});

}  // namespace monolite::ops
