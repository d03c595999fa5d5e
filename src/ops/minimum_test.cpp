#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::row;
using testing::run_node;

TEST(Minimum, TakesTheSmallerOfBroadcastPairs) {
  EXPECT_EQ(run_node<float>(OpCode::MINIMUM, {operand<float>({2, 1}, {1, 5}), row<float>({3, -1})}),
            (std::vector<float>{1, -1, 3, -1}));
  EXPECT_EQ(run_node<int64_t>(OpCode::MINIMUM, {row<int64_t>({-7}), row<int64_t>({-8})}), (std::vector<int64_t>{-8}));
}

}  // namespace
}  // namespace monolite::ops
