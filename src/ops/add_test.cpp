#include "ops/add.h"

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Add, BroadcastsAndClamps) {
  EXPECT_EQ(run_node<float>(OpCode::ADD, {operand<float>({2, 2}, {1, 2, 3, 4}), row<float>({10, -2.5f})},
                            Quantization{}, "AddOptions", Add{Activation::relu6}),
            (std::vector<float>{6, 0, 6, 1.5f}));
  EXPECT_EQ(run_node<int64_t>(OpCode::ADD, {row<int64_t>({1, 2}), row<int64_t>({int64_t{1} << 40})}),
            (std::vector<int64_t>{(int64_t{1} << 40) + 1, (int64_t{1} << 40) + 2}));
}

TEST(Add, RescalesQuantizedNumbers) {
  // 5 * 0.5 + 3 * 0.25 = 3.25 is 6.5 steps of 0.5, rounded away from zero, above the zero point 10
  EXPECT_EQ(
      run_node<int8_t>(OpCode::ADD, {row<int8_t>({5}, per_tensor(0.5f, 0)), row<int8_t>({2}, per_tensor(0.25f, -1))},
                       per_tensor(0.5f, 10)),
      (std::vector<int8_t>{17}));
  EXPECT_EQ(
      run_node<uint8_t>(OpCode::ADD, {row<uint8_t>({255}, per_tensor(1, 0)), row<uint8_t>({255}, per_tensor(1, 0))},
                        per_tensor(1, 0)),
      (std::vector<uint8_t>{255}));
}

TEST(Add, ShiftsTheSmallerOfPowerOfTwoScales) {
  EXPECT_EQ(run_node<int16_t>(
                OpCode::ADD,
                {row<int16_t>({100, 32767}, per_tensor(0.5f, 0)), row<int16_t>({7, 32767}, per_tensor(0.25f, 0))},
                per_tensor(0.5f, 0)),
            (std::vector<int16_t>{104, 32767}));
}

TEST(Add, SaysWhichShapesDoNotBroadcast) {
  EXPECT_EQ(OperandNode(OpCode::ADD, {row<float>({1, 2}), row<float>({1, 2, 3})}, DType::float32).error(),
            "subgraph 0, node 0 ADD \"y\"\n"
            "  found     shapes 2 and 3\n"
            "  expected  extents that are equal or 1, counted from the last");
}

}  // namespace
}  // namespace monolite::ops
