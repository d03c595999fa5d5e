#include "ops/leaky_relu.h"

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(LeakyRelu, ScalesNegativeNumbers) {
  EXPECT_EQ(
      run_node<float>(OpCode::LEAKY_RELU, {row<float>({-2, 3})}, Quantization{}, "LeakyReluOptions", LeakyRelu{0.25f}),
      (std::vector<float>{-0.5f, 3}));
  EXPECT_EQ(run_node<uint8_t>(OpCode::LEAKY_RELU, {row<uint8_t>({2, 14}, per_tensor(1, 10))}, per_tensor(0.5f, 20),
                              "LeakyReluOptions", LeakyRelu{0.25f}),
            (std::vector<uint8_t>{16, 28}));
}

TEST(LeakyRelu, TakesANegativeSlope) {
  EXPECT_EQ(run_node<int8_t>(OpCode::LEAKY_RELU, {row<int8_t>({-8, 4}, per_tensor(1, 0))}, per_tensor(1, 0),
                             "LeakyReluOptions", LeakyRelu{-0.5f}),
            (std::vector<int8_t>{4, 4}));
}

}  // namespace
}  // namespace monolite::ops
