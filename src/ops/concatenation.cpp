#include "ops/concatenation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

// uint8 is brought to the output's scale; int8 and int16 are only copied.
Expected<void> verify_quantization(const NodeView& n, int i) {
  if (n.dtype(i) == DType::int8) return expect_same_mapping(n, i, 0);
  if (n.dtype(i) != DType::uint8 || expect_same_mapping(n, i, 0)) return {};
  ML_TRY(n.expect_quantized(i));
  return n.expect_output_quantized(0);
}

Expected<void> verify(const NodeView& n, const Concatenation& a) {
  if (n.input_count() < 1) return Unexpected(n.fail("no inputs", "at least one"));
  ML_TRY(n.expect_inputs(n.input_count(), n.input_count()));
  ML_TRY(n.expect_outputs(1));
  if (a.fused_activation_function != Activation::none) {
    return Unexpected(n.fail("a fused activation", "none", "put the activation behind as a node of its own"));
  }
  const Shape& first = n.shape(0);
  ML_ASSIGN(const int axis, axis_of(n, a.axis, std::max(first.rank(), 1)));
  for (int i = 0; i < n.input_count(); ++i) {
    ML_TRY(expect_movable(n, i));
    ML_TRY(n.expect_same_dtype(i, 0));
    ML_TRY(verify_quantization(n, i));
    Shape same = n.shape(i);
    if (same.rank() == first.rank() && same.rank() > 0) same[axis] = first[axis];
    if (same != first) {
      return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)),
                                     fmt::format("{}, but for dimension {}", to_string(first), axis)));
    }
  }
  return {};
}

// Scalars are taken as vectors of one element.
Shape at_least_vector(const Shape& s) { return s.rank() == 0 ? Shape{1} : s; }

Expected<Shapes> infer(const NodeView& n, const Concatenation& a) {
  Shape out = at_least_vector(n.shape(0));
  ML_ASSIGN(const int axis, axis_of(n, a.axis, out.rank()));
  int64_t sum = 0;
  for (int i = 0; i < n.input_count(); ++i) sum += at_least_vector(n.shape(i))[axis];
  if (sum > INT32_MAX) return Unexpected(n.fail(fmt::format("{} slices", sum), "at most 2^31 - 1"));
  out[axis] = static_cast<int32_t>(sum);
  return Shapes{out};
}

// What each value of input i is on the output's scale, in LiteRT's float arithmetic.
std::shared_ptr<const ByteTable<uint8_t>> rescaled(const NodeView& n, int i) {
  const float scale = n.scale(i) * (1.0f / n.output_scale(0));
  const float bias = static_cast<float>(-n.zero_point(i)) * scale;
  auto table = std::make_shared<ByteTable<uint8_t>>();
  for (int x = 0; x < 256; ++x) {
    const float value = std::round(static_cast<float>(x) * scale + bias) + static_cast<float>(n.output_zero_point(0));
    const float clamped = value > 0.0f ? std::min(value, 255.0f) : 0.0f;  // NaN gives 0
    (*table)[static_cast<size_t>(x)] = static_cast<uint8_t>(clamped);
  }
  return table;
}

Expected<Copies> copies(const NodeView& n, const Concatenation& a) {
  const View out = View::dense(n.output_shape(0));
  ML_ASSIGN(const int axis, axis_of(n, a.axis, out.rank()));
  Copies all;
  int64_t begin = 0;
  for (int i = 0; i < n.input_count(); ++i) {
    const Shape in = at_least_vector(n.shape(i));
    all.push_back(copy_whole(i, View::dense(in)));
    all.back().to = out.take(axis, begin, in[axis]);
    if (n.dtype(i) == DType::uint8 && !expect_same_mapping(n, i, 0)) all.back().table = rescaled(n, i);
    begin += in[axis];
  }
  return all;
}

}  // namespace

extern const OpDef concatenation;
const OpDef concatenation = define<Concatenation>({.code = OpCode::CONCATENATION,
                                                   .options = "ConcatenationOptions",
                                                   .verify = verify,
                                                   .infer = infer,
                                                   .copies = copies});

}  // namespace monolite::ops
