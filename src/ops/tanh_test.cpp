#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Tanh, IsOddInEveryType) {
  EXPECT_EQ(run_node<float>(OpCode::TANH, {row<float>({0, 100, -100})}), (std::vector<float>{0, 1, -1}));
  EXPECT_EQ(run_node<int8_t>(OpCode::TANH, {row<int8_t>({7, 127, -128}, per_tensor(1, 7))}, per_tensor(1.0f / 128, 0)),
            (std::vector<int8_t>{0, 127, -128}));
  EXPECT_EQ(run_node<int16_t>(OpCode::TANH, {row<int16_t>({0, 32767, -32768}, per_tensor(0.001f, 0))},
                              per_tensor(1.0f / 32768, 0)),
            (std::vector<int16_t>{0, 32767, -32767}));
}

}  // namespace
}  // namespace monolite::ops
