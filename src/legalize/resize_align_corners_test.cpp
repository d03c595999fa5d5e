#include "legalize/testing.h"
#include "ops/arg_min_max.h"
#include "ops/resize_bilinear.h"

namespace monolite::legalize {

extern const Rewrite resize_align_corners, resize_align_corners_slice, resize_align_corners_strided_slice,
    resize_identity;

namespace {

using testing::apply;
using testing::compare;
using testing::OneGraph;
using testing::text;

Model resize(DType dtype, Shape in, int32_t height, int32_t width, bool with_arg_max, bool align_corners = true) {
  OneGraph g;
  const Quantization q = dtype == DType::float32 ? Quantization{} : per_tensor(0.1f, 3);
  const Shape out{in[0], height, width, in[3]};
  const auto x = g.builder.input("x", dtype, in, q);
  const auto size = g.builder.constant<int32_t>("size", {2}, {height, width});
  const auto y = g.builder.tensor("y", dtype, out, q);
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions",
                 ops::ResizeBilinear{.align_corners = align_corners});
  if (!with_arg_max) {
    g.builder.output(y);
    return g.model;
  }
  const auto axis = g.builder.constant<int32_t>("axis", {}, {3});
  const auto label = g.builder.tensor("label", DType::int32, {in[0], height, width});
  g.builder.node(OpCode::ARG_MAX, {y, axis}, {label}, "ArgMaxOptions", ops::ArgMinMax{.output_type = DType::int32});
  g.builder.output(label);
  return g.model;
}

TEST(ResizeAlignCorners, CutsBehindArgMax) {
  const Model before = resize(DType::uint8, {1, 5, 9, 4}, 17, 33, true);
  const auto after = apply(resize_align_corners, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(before), "RESIZE_BILINEAR 1x17x33x4 | ARG_MAX 1x17x33");
  EXPECT_EQ(text(after.model), "RESIZE_BILINEAR 1x20x36x4 | ARG_MAX 1x20x36 | SLICE 1x17x33");
  EXPECT_EQ(after.outcome->proof, Proof::exact);
  EXPECT_EQ(after.outcome->pixels_before, 17 * 33);
  EXPECT_EQ(after.outcome->pixels_after, 20 * 36);
  EXPECT_EQ(after.outcome->warning, "");
  EXPECT_TRUE(compare(before, after.model).is_identical());
}

TEST(ResizeAlignCorners, RepeatsTheLastRowsWhereTheExtentsShareNothing) {
  const Model before = resize(DType::uint8, {1, 5, 1, 2}, 18, 7, false);
  const auto after = apply(resize_align_corners_slice, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(
      text(after.model),
      "SLICE 1x1x1x2 | RESIZE_BILINEAR 1x3x1x2 | CONCATENATION 1x8x1x2 | RESIZE_BILINEAR 1x34x7x2 | SLICE 1x18x7x2");
  EXPECT_EQ(after.outcome->warning, "1.89 times the pixels; a model made for 17x7 would cost less");
  EXPECT_TRUE(compare(before, after.model).is_identical());
}

// The map of a model that is made anew grows with its picture: 512 lies beside 513, whose map has 33 elements.
TEST(ResizeAlignCorners, NamesTheNearestSizeThatCostsLittle) {
  const auto after = apply(resize_align_corners, resize(DType::uint8, {1, 32, 24, 2}, 512, 384, true));
  ASSERT_TRUE(after.outcome);
  EXPECT_NE(after.outcome->warning.find("a model made for 513x385 would cost less"), std::string::npos)
      << after.outcome->warning;
}

TEST(ResizeAlignCorners, OnlyDropsTheFlagWhereItMeansNothing) {
  const Model before = resize(DType::int8, {1, 1, 1, 3}, 9, 5, false);
  const auto after = apply(resize_align_corners_slice, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "RESIZE_BILINEAR 1x9x5x3");
  EXPECT_TRUE(compare(before, after.model).is_identical());
}

TEST(ResizeAlignCorners, IsExactForAllSmallSizesAndTypes) {
  for (const DType dtype : {DType::uint8, DType::int8, DType::float32}) {
    for (int32_t in = 1; in <= 9; ++in) {
      for (int32_t out = 1; out <= 24; out += 1 + in % 3) {
        const Model before = resize(dtype, {1, in, 10 - in, 2}, out, 25 - out, false);
        const auto after = apply(resize_align_corners_strided_slice, before);
        const auto other = after.outcome ? after : apply(resize_align_corners_slice, before);
        ASSERT_TRUE(other.outcome) << in << " -> " << out;
        // A single row, enlarged: in float arithmetic it is weighed with itself, which may leave the last bit
        // otherwise.
        const bool is_broadcast = dtype != DType::int8 && ((in == 1 && out > 1) || (in == 9 && out < 24));
        const Verification compared = compare(before, other.model, 1);
        const double most = other.outcome->proof == Proof::exact ? 0 : dtype == DType::float32 ? 1e-6 : 1;
        EXPECT_TRUE(other.outcome->proof == Proof::exact || is_broadcast) << in << " -> " << out;
        EXPECT_LE(compared.outputs[0].largest, most) << in << " -> " << out << " " << text(other.model);
      }
    }
  }
}

TEST(ResizeAlignCorners, LeavesOthersAlone) {
  EXPECT_FALSE(apply(resize_align_corners_slice, resize(DType::uint8, {1, 5, 5, 1}, 9, 9, false, false)).outcome);
  EXPECT_FALSE(apply(resize_align_corners, resize(DType::uint8, {1, 5, 5, 1}, 9, 9, false)).outcome);
  const auto absurd = apply(resize_align_corners_slice, resize(DType::uint8, {1, 300, 1, 1}, 40000, 1, false));
  ASSERT_FALSE(absurd.outcome);
  EXPECT_EQ(absurd.outcome.error().why, "the exact form would be 79998x1");
}

TEST(ResizeIdentity, GoesUnlessItIsAnOutput) {
  const Model before = resize(DType::uint8, {1, 5, 5, 3}, 5, 5, true);
  const auto after = apply(resize_identity, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "ARG_MAX 1x5x5");
  EXPECT_TRUE(compare(before, after.model).is_identical());
  EXPECT_FALSE(apply(resize_identity, resize(DType::uint8, {1, 5, 5, 3}, 5, 5, false)).outcome);
  EXPECT_FALSE(apply(resize_identity, resize(DType::uint8, {1, 5, 5, 3}, 5, 6, true)).outcome);
}

}  // namespace
}  // namespace monolite::legalize
