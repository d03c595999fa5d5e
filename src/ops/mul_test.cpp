#include "ops/mul.h"

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::row;
using testing::run_node;

TEST(Mul, BroadcastsAndClamps) {
  EXPECT_EQ(run_node<float>(OpCode::MUL, {operand<float>({2, 2}, {1, 2, 3, 4}), row<float>({2, -1})}, Quantization{},
                            "MulOptions", Mul{Activation::relu_n1_to_1}),
            (std::vector<float>{1, -1, 1, -1}));
}

TEST(Mul, WrapsIntegers) {
  EXPECT_EQ(run_node<int32_t>(OpCode::MUL, {row<int32_t>({0x40000000}), row<int32_t>({4})}), (std::vector<int32_t>{0}));
}

TEST(Mul, RescalesQuantizedNumbers) {
  // (5 - 1) * 0.5 * 3 * 0.5 = 3 is 12 steps of 0.25, above the zero point -8
  EXPECT_EQ(
      run_node<int8_t>(OpCode::MUL, {row<int8_t>({5}, per_tensor(0.5f, 1)), row<int8_t>({3}, per_tensor(0.5f, 0))},
                       per_tensor(0.25f, -8)),
      (std::vector<int8_t>{4}));
}

TEST(Mul, NarrowsTheProductOfTwoGates) {
  // 0.5 * 0.5 is 8192 of 32768, and 32 of 128
  EXPECT_EQ(run_node<int8_t>(OpCode::MUL,
                             {row<int16_t>({16384}, per_tensor(1.0f / 32768, 0)),
                              row<int16_t>({16384}, per_tensor(1.0f / 32768, 0))},
                             per_tensor(1.0f / 128, 0)),
            (std::vector<int8_t>{32}));
}

}  // namespace
}  // namespace monolite::ops
