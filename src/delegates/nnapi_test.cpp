#include "delegates/testing.h"

namespace monolite::delegates {
namespace {

using testing::OneNode;
using testing::q;

OneNode pool(DType dtype, int64_t side, OpCode op = OpCode::AVERAGE_POOL_2D) {
  OneNode g;
  const auto s = static_cast<int32_t>(side);
  g.input(dtype, {1, s, s, 8}, q(0.1f)).output(dtype, {1, 1, 1, 8}, q(0.1f));
  Node& n = g.node(op, 2);
  n.attributes.set("filter_height", side);
  n.attributes.set("filter_width", side);
  n.attributes.set("stride_w", int64_t{1});
  n.attributes.set("stride_h", int64_t{1});
  n.attributes.set("padding", int64_t{1});
  return g;
}

TEST(Nnapi, LimitsQuantizedPoolsTo256ElementsWithoutAnAccelerator) {
  EXPECT_EQ(pool(DType::uint8, 16).verdict("nnapi"), "taken");
  EXPECT_EQ(pool(DType::uint8, 17).verdict("nnapi"), "pool_window");
  EXPECT_EQ(pool(DType::int8, 17).verdict("nnapi-31-cpu"), "pool_window");
  EXPECT_EQ(pool(DType::uint8, 17).verdict("nnapi-29"), "taken");
  EXPECT_EQ(pool(DType::float32, 17).verdict("nnapi"), "taken");
  EXPECT_EQ(pool(DType::uint8, 17, OpCode::MAX_POOL_2D).verdict("nnapi"), "taken");
}

OneNode resize(DType dtype, bool align_corners, bool half_pixel_centers, int32_t width = 8) {
  OneNode g;
  g.input(dtype, {1, 4, 4, 3}, q(0.1f)).constant<int32_t>({2}, {8, width}).output(dtype, {1, 8, width, 3}, q(0.1f));
  Node& n = g.node(OpCode::RESIZE_BILINEAR, 3);
  n.attributes.set("align_corners", align_corners);
  n.attributes.set("half_pixel_centers", half_pixel_centers);
  return g;
}

TEST(Nnapi, TakesResizeFlagsFromLevel30) {
  EXPECT_EQ(resize(DType::uint8, true, false).verdict("nnapi-29"), "align_corners");
  EXPECT_EQ(resize(DType::uint8, false, true).verdict("nnapi-29"), "half_pixel_centers");
  EXPECT_EQ(resize(DType::uint8, false, false).verdict("nnapi-29"), "taken");
  EXPECT_EQ(resize(DType::uint8, true, false).verdict("nnapi-30"), "taken");
}

TEST(Nnapi, TakesOnlySquareFloatResizesBeforeLevel29) {
  EXPECT_EQ(resize(DType::float32, false, false).verdict("nnapi-28"), "taken");
  EXPECT_EQ(resize(DType::float32, false, false, 9).verdict("nnapi-28"), "not_square");
  EXPECT_EQ(resize(DType::uint8, false, false).verdict("nnapi-28"), "type");
}

OneNode arg_max(DType output) {
  OneNode g;
  g.input(DType::uint8, {1, 4, 4, 3}, q(0.1f)).constant<int32_t>({}, {3}).output(output, {1, 4, 4});
  g.node(OpCode::ARG_MAX).attributes.set("output_type", static_cast<int64_t>(output));
  return g;
}

TEST(Nnapi, RefusesInt64Labels) {
  EXPECT_EQ(arg_max(DType::int32).verdict("nnapi-29"), "taken");
  EXPECT_EQ(arg_max(DType::int64).verdict("nnapi-31"), "int64_output");
  EXPECT_EQ(arg_max(DType::int32).verdict("nnapi-28"), "feature_level");
}

OneNode convolution(OpCode op, int64_t dilation, float output_scale, int version = 1) {
  OneNode g;
  const Shape filter = op == OpCode::CONV_2D ? Shape{1, 3, 3, 1} : Shape{1, 3, 3, 1};
  g.input(DType::uint8, {1, 9, 9, 1}, q(0.5f));
  g.constant<uint8_t>(filter, std::vector<uint8_t>(9), q(0.5f)).constant<int32_t>({1}, {0}, q(0.25f));
  g.output(DType::uint8, {1, 9, 9, 1}, q(output_scale));
  Node& n = g.node(op, version);
  n.attributes.set("stride_w", int64_t{1});
  n.attributes.set("stride_h", int64_t{1});
  n.attributes.set("depth_multiplier", int64_t{1});
  n.attributes.set("dilation_w_factor", dilation);
  n.attributes.set("dilation_h_factor", dilation);
  return g;
}

TEST(Nnapi, RefusesDilationBeforeLevel29) {
  for (const OpCode op : {OpCode::CONV_2D, OpCode::DEPTHWISE_CONV_2D}) {
    EXPECT_EQ(convolution(op, 2, 1).verdict("nnapi-28"), "dilation");
    EXPECT_EQ(convolution(op, 1, 1).verdict("nnapi-28"), "taken");
    EXPECT_EQ(convolution(op, 2, 1).verdict("nnapi-29"), "taken");
  }
}

TEST(Nnapi, AsksForAWideOutputScaleBeforeLevel29) {
  // 0.5 x 0.5 must be strictly below the output's scale.
  EXPECT_EQ(convolution(OpCode::CONV_2D, 1, 0.25f).verdict("nnapi-28"), "restricted_scales");
  EXPECT_EQ(convolution(OpCode::CONV_2D, 1, 0.2501f).verdict("nnapi-28"), "taken");
  EXPECT_EQ(convolution(OpCode::CONV_2D, 1, 0.25f).verdict("nnapi-29"), "taken");
}

TEST(Nnapi, RefusesNewerOperatorVersions) {
  EXPECT_EQ(convolution(OpCode::CONV_2D, 1, 1, 5).verdict("nnapi-29"), "taken");
  EXPECT_EQ(convolution(OpCode::CONV_2D, 1, 1, 6).verdict("nnapi-29"), "op_version");
}

TEST(Nnapi, TakesMulVersion3OnAcceleratorsOnly) {
  OneNode g;
  g.input(DType::uint8, {1, 4}, q(1)).input(DType::uint8, {1, 4}, q(1)).output(DType::uint8, {1, 4}, q(1));
  g.node(OpCode::MUL, 3);
  EXPECT_EQ(g.verdict("nnapi-29"), "taken");
  EXPECT_EQ(g.verdict("nnapi-29-cpu"), "op_version");
}

TEST(Nnapi, QuantizesToInt8FromLevel30) {
  OneNode g;
  g.input(DType::uint8, {1, 4}, q(1)).output(DType::int8, {1, 4}, q(1));
  g.node(OpCode::QUANTIZE, 2);
  EXPECT_EQ(g.verdict("nnapi-29"), "output_type");
  EXPECT_EQ(g.verdict("nnapi-30"), "taken");
}

TEST(Nnapi, RefusesCustomOperators) {
  OneNode g;
  g.input(DType::uint8, {1, 4}, q(1)).output(DType::uint8, {1, 4}, q(1));
  g.node(OpCode::CUSTOM).custom_code = "Mine";
  EXPECT_EQ(g.verdict("nnapi"), "custom_op");
}

TEST(Nnapi, JudgesNodesWithoutTheirInputs) {
  for (const Target& t : all_targets()) {
    for (int code = 0; code < 220; ++code) {
      OneNode g;
      g.output(DType::uint8, {1, 4}, q(1));
      g.node(static_cast<OpCode>(code));
      EXPECT_FALSE(g.verdict(t.name).empty());
    }
  }
}

}  // namespace
}  // namespace monolite::delegates
