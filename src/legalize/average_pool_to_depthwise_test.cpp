#include "legalize/testing.h"

namespace monolite::legalize {

extern const Rewrite average_pool_to_depthwise, average_pool_to_mean, average_pool_in_two;

namespace {

using testing::apply;
using testing::compare;
using testing::OneGraph;
using testing::text;

struct Pool {
  DType dtype = DType::uint8;
  Shape in{1, 17, 17, 3};
  int32_t height = 17, width = 17, stride = 1;
  int64_t padding = 1;  // VALID
  Quantization quantization = per_tensor(0.16f, 124);
  float output_scale = 0.16f;

  Model model() const {
    OneGraph g;
    const auto x = g.builder.input("x", dtype, in, dtype == DType::float32 ? Quantization{} : quantization);
    Quantization q = g.model.main().tensor(x).quantization;
    if (q.is_quantized()) q.scale[0] = output_scale;
    const auto y = g.builder.tensor("y", dtype, {}, q);
    Node& node = g.builder.node(OpCode::AVERAGE_POOL_2D, {x}, {y});
    node.attributes.set_table("Pool2DOptions");
    node.attributes.set("padding", padding);
    node.attributes.set("filter_height", int64_t{height});
    node.attributes.set("filter_width", int64_t{width});
    node.attributes.set("stride_h", int64_t{stride});
    node.attributes.set("stride_w", int64_t{stride});
    g.builder.output(y);
    return g.model;
  }
};

TEST(AveragePoolToDepthwise, IsExactForBothTypesOddAndEvenWindows) {
  for (const auto& [dtype, zero_point] :
       {std::pair{DType::uint8, 124}, std::pair{DType::uint8, 0}, std::pair{DType::int8, 1},
        std::pair{DType::int8, -128}, std::pair{DType::int8, 127}}) {
    for (const int32_t size : {2, 7, 16, 17, 32}) {
      const Pool pool{.dtype = dtype,
                      .in = {1, size, size, 40},
                      .height = size,
                      .width = size,
                      .quantization = per_tensor(0.16f, zero_point)};
      const Model before = pool.model();
      const auto after = apply(average_pool_to_depthwise, before);
      ASSERT_TRUE(after.outcome) << name(dtype) << " " << zero_point << " " << size;
      EXPECT_EQ(text(after.model), "DEPTHWISE_CONV_2D 1x1x1x40");
      EXPECT_EQ(after.outcome->proof, Proof::exact);
      EXPECT_TRUE(compare(before, after.model).is_identical()) << name(dtype) << " " << zero_point << " " << size;
    }
  }
}

TEST(AveragePoolToDepthwise, KeepsWindowsThatMove) {
  const Model before = Pool{.in = {2, 9, 9, 3}, .height = 3, .width = 4, .stride = 2}.model();
  const auto after = apply(average_pool_to_depthwise, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), text(before).replace(0, 15, "DEPTHWISE_CONV_2D"));
  EXPECT_TRUE(compare(before, after.model).is_identical());
}

TEST(AveragePoolToDepthwise, LeavesOthersAlone) {
  EXPECT_FALSE(apply(average_pool_to_depthwise, Pool{.dtype = DType::float32}.model()).outcome);
  const auto padded = apply(average_pool_to_depthwise, Pool{.height = 3, .width = 3, .padding = 0}.model());
  ASSERT_FALSE(padded.outcome);
  EXPECT_EQ(padded.outcome.error().why, "the window reaches outside of the picture, where it counts fewer elements");
}

TEST(AveragePoolToMean, StaysWithinAStep) {
  for (const DType dtype : {DType::uint8, DType::int8}) {
    const Model before =
        Pool{.dtype = dtype, .in = {1, 17, 16, 200}, .height = 17, .width = 16, .quantization = per_tensor(0.16f, 12)}
            .model();
    const auto after = apply(average_pool_to_mean, before);
    ASSERT_TRUE(after.outcome);
    EXPECT_EQ(text(after.model), "MEAN 1x1x1x200");
    EXPECT_EQ(after.outcome->proof, Proof::one_lsb);
    EXPECT_LE(compare(before, after.model).largest_steps(), 1);
  }
  EXPECT_FALSE(apply(average_pool_to_mean, Pool{.height = 16}.model()).outcome);
}

TEST(AveragePoolInTwo, StaysWithinAStep) {
  const Model before = Pool{.in = {1, 20, 20, 200}, .height = 17, .width = 17, .stride = 3}.model();
  const auto after = apply(average_pool_in_two, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "AVERAGE_POOL_2D 1x2x20x200 | AVERAGE_POOL_2D 1x2x2x200");
  EXPECT_LE(compare(before, after.model).largest_steps(), 1);
  EXPECT_FALSE(apply(average_pool_in_two, Pool{.height = 1}.model()).outcome);
}

}  // namespace
}  // namespace monolite::legalize
