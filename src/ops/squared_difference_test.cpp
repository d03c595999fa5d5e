#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(SquaredDifference, BroadcastsAndRescales) {
  EXPECT_EQ(run_node<float>(OpCode::SQUARED_DIFFERENCE, {row<float>({1, 5}), row<float>({3})}),
            (std::vector<float>{4, 4}));
  EXPECT_EQ(run_node<int32_t>(OpCode::SQUARED_DIFFERENCE, {row<int32_t>({1}), row<int32_t>({-3})}),
            (std::vector<int32_t>{16}));
  // (4 * 0.5 - 2 * 0.25)^2 = 2.25 is 9 steps of 0.25
  EXPECT_EQ(run_node<int8_t>(OpCode::SQUARED_DIFFERENCE,
                             {row<int8_t>({4}, per_tensor(0.5f, 0)), row<int8_t>({2}, per_tensor(0.25f, 0))},
                             per_tensor(0.25f, -1)),
            (std::vector<int8_t>{8}));
}

}  // namespace
}  // namespace monolite::ops
