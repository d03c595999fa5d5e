// ONE_HOT: a new dimension `axis` of input 1 elements: input 2 where input 0 has its index, input 3 elsewhere.

#include <fmt/format.h>

#include "ops/indices.h"
#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kIndices = 0, kDepth = 1, kOn = 2, kOff = 3;

struct OneHot {  // the schema's OneHotOptions
  int32_t axis = 0;
  template <class V>
  void visit(V&& v) {
    v("axis", axis);
  }
};

Expected<int> place(const NodeView& n, const OneHot& a) {
  const int rank = n.shape(kIndices).rank() + 1;
  if (a.axis < -1) return Unexpected(n.fail(fmt::format("axis {}", a.axis), "-1 for the last, or 0 and more"));
  return axis_of(n, a.axis, rank);
}

Expected<void> verify(const NodeView& n, const OneHot& a) {
  ML_TRY(n.expect_inputs(4, 4));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_dtype(kIndices, {DType::int32, DType::int64}));
  ML_TRY(n.expect_dtype(kDepth, {DType::int32}));
  for (const int i : {kOn, kOff}) {
    ML_TRY(n.expect_dtype(
        i, {DType::float32, DType::uint8, DType::int8, DType::int16, DType::int32, DType::int64, DType::boolean}));
    ML_TRY(n.expect_same_dtype(i, 0));
    if (n.shape(i).elements() != 1) return Unexpected(n.fail_input(i, "shape " + to_string(n.shape(i)), "one element"));
  }
  ML_TRY(place(n, a));
  return {};
}

Expected<Shapes> infer(const NodeView& n, const OneHot& a) {
  ML_ASSIGN(const int64_t depth, n.int_scalar(kDepth));
  ML_ASSIGN(const int axis, place(n, a));
  if (depth < 0) return Unexpected(n.fail_input(kDepth, fmt::format("{}", depth), "0 or more"));
  const Shape& in = n.shape(kIndices);
  Shape out(in.begin(), in.begin() + axis);
  out.push_back(static_cast<int32_t>(depth));
  for (int i = axis; i < in.rank(); ++i) out.push_back(in[i]);
  return Shapes{out};
}

Expected<void> reference(const Evaluation& n, const OneHot& a) {
  ML_ASSIGN(const int axis, place(n, a));
  const Shape& in = n.shape(kIndices);
  const int64_t outer = in.elements(0, axis), inner = in.elements(axis, in.rank()), depth = n.output_shape(0)[axis];
  const int size = size_bytes(n.dtype(kOn));
  auto* out = n.out<std::byte>(0);
  fill_view(n.data<std::byte>(kOff), out, View::dense(n.output_shape(0)), size);
  if (n.output_shape(0).elements() == 0) return {};
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const auto index = static_cast<int32_t>(index_at(n, kIndices, o * inner + i));  // cut to 32 bits, as LiteRT does
      if (index < 0 || index >= depth) continue;
      std::memcpy(out + ((o * depth + index) * inner + i) * size, n.data<std::byte>(kOn), static_cast<size_t>(size));
    }
  }
  return {};
}

}  // namespace

extern const OpDef one_hot;
const OpDef one_hot = define<OneHot>(
    {.code = OpCode::ONE_HOT, .options = "OneHotOptions", .verify = verify, .infer = infer, .reference = reference});

}  // namespace monolite::ops
