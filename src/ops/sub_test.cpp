#include "ops/sub.h"

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::row;
using testing::run_node;

TEST(Sub, BroadcastsEitherSide) {
  EXPECT_EQ(run_node<float>(OpCode::SUB, {operand<float>({2, 1}, {1, 2}), row<float>({10, 20})}),
            (std::vector<float>{-9, -19, -8, -18}));
  EXPECT_EQ(run_node<int32_t>(OpCode::SUB, {row<int32_t>({5}), row<int32_t>({1, 9})}, Quantization{}, "SubOptions",
                              Sub{Activation::relu}),
            (std::vector<int32_t>{4, 0}));
}

TEST(Sub, RescalesQuantizedNumbers) {
  // 5 * 0.5 - 3 * 0.25 = 1.75 is 3.5 steps of 0.5, rounded away from zero
  EXPECT_EQ(
      run_node<int8_t>(OpCode::SUB, {row<int8_t>({5}, per_tensor(0.5f, 0)), row<int8_t>({2}, per_tensor(0.25f, -1))},
                       per_tensor(0.5f, 10)),
      (std::vector<int8_t>{14}));
}

TEST(Sub, BroadcastsPowerOfTwoScales) {
  EXPECT_EQ(
      run_node<int16_t>(OpCode::SUB,
                        {row<int16_t>({100, -32768}, per_tensor(0.5f, 0)), row<int16_t>({7}, per_tensor(0.25f, 0))},
                        per_tensor(0.5f, 0)),
      (std::vector<int16_t>{96, -32768}));
}

}  // namespace
}  // namespace monolite::ops
