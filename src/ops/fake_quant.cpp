#include "ops/fake_quant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"
#include "ops/op.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const FakeQuant& a) {
  ML_TRY(expect_unary(n, {DType::float32}));
  if (!(a.min < a.max) || !std::isfinite(a.max - a.min) || a.num_bits < 2 || a.num_bits > 16) {
    return Unexpected(n.fail(fmt::format("range {} to {} in {} bits", a.min, a.max, a.num_bits),
                             "a range from less to more, in 2 to 16 bits"));
  }
  if (a.narrow_range) {
    return Unexpected(n.fail("narrow_range", "none: it is for weights, which are quantized ahead"));
  }
  return {};
}

Expected<Shapes> infer(const NodeView& n, const FakeQuant&) { return same_shape(n); }

// The range is moved so that 0 is one of its steps.
Expected<void> reference(const Evaluation& n, const FakeQuant& a) {
  const auto steps = static_cast<float>((1 << a.num_bits) - 1);
  const float scale = (a.max - a.min) / steps;
  const float zero_point = std::round(std::clamp(0.0f - a.min / scale, 0.0f, steps));
  const float least = (0.0f - zero_point) * scale, most = (steps - zero_point) * scale;
  const float inverse_scale = 1.0f / scale;
  map_unary<float, float>(n, [&](float x) {
    return std::round((std::min(most, std::max(least, x)) - least) * inverse_scale) * scale + least;
  });
  return {};
}

}  // namespace

extern const OpDef fake_quant;
const OpDef fake_quant = define<FakeQuant>({.code = OpCode::FAKE_QUANT,
                                            .options = "FakeQuantOptions",
                                            .verify = verify,
                                            .infer = infer,
                                            .reference = reference});

}  // namespace monolite::ops
