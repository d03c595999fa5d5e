#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::row;
using testing::run_node;

TEST(Maximum, TakesTheLargerOfBroadcastPairs) {
  EXPECT_EQ(run_node<float>(OpCode::MAXIMUM, {operand<float>({2, 1}, {1, 5}), row<float>({3, -1})}),
            (std::vector<float>{3, 1, 5, 5}));
  EXPECT_EQ(run_node<int64_t>(OpCode::MAXIMUM, {row<int64_t>({-7}), row<int64_t>({-8})}), (std::vector<int64_t>{-7}));
}

}  // namespace
}  // namespace monolite::ops
