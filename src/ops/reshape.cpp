#include "ops/reshape.h"

#include <fmt/format.h>

#include "ops/op.h"
#include "ops/view.h"

namespace monolite::ops {
namespace {

constexpr int kInput = 0, kShape = 1;

// An input that is no vector of int32 is passed over, as LiteRT does: the options say the shape then.
bool has_shape_input(const NodeView& n) {
  return n.has_input(kShape) && n.shape(kShape).rank() == 1 && n.dtype(kShape) == DType::int32;
}

Expected<std::vector<int64_t>> wanted_shape(const NodeView& n, const Reshape& a) {
  if (has_shape_input(n)) return n.ints(kShape);
  // Old files write a scalar as [0].
  if (a.new_shape == std::vector<int32_t>{0}) return std::vector<int64_t>{};
  return std::vector<int64_t>(a.new_shape.begin(), a.new_shape.end());
}

Expected<void> verify(const NodeView& n, const Reshape&) {
  ML_TRY(n.expect_inputs(1, 2));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(expect_movable(n, kInput));
  return n.expect_same_dtype(kInput, 0);
}

// The extent that -1 stands for: the elements that the others leave. Extents of 0 count as 1 on both sides when all the
// others' product is 0 as well.
int64_t found_extent(const Shape& in, const Shape& others) {
  if (in.elements() == 0 && others.elements() != 0) return 0;
  int64_t have = 1, taken = 1;
  for (const int32_t d : in) have *= d == 0 ? 1 : d;
  for (const int32_t d : others) taken *= d == 0 ? 1 : d;
  return have / taken;
}

Expected<Shapes> infer(const NodeView& n, const Reshape& a) {
  ML_ASSIGN(const auto wanted, wanted_shape(n, a));
  const auto misfit = [&] {
    std::string text;
    for (const int64_t d : wanted) text += fmt::format("{}{}", text.empty() ? "" : ", ", d);
    return Unexpected(
        n.fail(fmt::format("new shape [{}]", text),
               fmt::format("one of the {} elements of {}", n.shape(kInput).elements(), to_string(n.shape(kInput)))));
  };
  Shape out;
  int unknown = -1;
  for (const int64_t d : wanted) {
    if (d < -1 || d > INT32_MAX || (d == -1 && unknown >= 0)) return misfit();
    if (d == -1) unknown = out.rank();
    out.push_back(d == -1 ? 1 : static_cast<int32_t>(d));
  }
  if (!out.checked_elements()) return misfit();
  if (unknown >= 0) {
    Shape nonzero = out;
    for (int i = 0; i < nonzero.rank(); ++i) nonzero[i] = std::max(nonzero[i], 1);
    if (!nonzero.checked_elements()) return misfit();
    const int64_t extent = found_extent(n.shape(kInput), out);
    if (extent > INT32_MAX) return misfit();
    out[unknown] = static_cast<int32_t>(extent);
  }
  if (out.checked_elements() != n.shape(kInput).elements()) return misfit();
  return Shapes{out};
}

Expected<Copies> copies(const NodeView& n, const Reshape&) {
  return Copies{copy_whole(kInput, View::dense(n.shape(kInput)))};
}

}  // namespace

extern const OpDef reshape;
const OpDef reshape = define<Reshape>(
    {.code = OpCode::RESHAPE, .options = "ReshapeOptions", .verify = verify, .infer = infer, .copies = copies});

}  // namespace monolite::ops
