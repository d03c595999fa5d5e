#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::flags;
using testing::operand;
using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Select, TakesOneConditionASlice) {
  const auto x = operand<float>({2, 2}, {1, 2, 3, 4}), y = operand<float>({2, 2}, {-1, -2, -3, -4});
  EXPECT_EQ(run_node<float>(OpCode::SELECT, {flags({2}, {1, 0}), x, y}), (std::vector<float>{1, 2, -3, -4}));
  EXPECT_EQ(run_node<float>(OpCode::SELECT, {flags({}, {0}), x, y}), (std::vector<float>{-1, -2, -3, -4}));
  EXPECT_EQ(run_node<float>(OpCode::SELECT, {flags({2, 2}, {0, 1, 1, 0}), x, y}), (std::vector<float>{-1, 2, 3, -4}));
}

TEST(Select, PointsToTheOneThatBroadcasts) {
  EXPECT_NE(OperandNode(OpCode::SELECT, {flags({1}, {1}), row<float>({1, 2}), row<float>({1, 2})}, DType::float32)
                .error()
                .find("SELECT_V2 broadcasts"),
            std::string::npos);
}

TEST(SelectV2, BroadcastsAllThree) {
  EXPECT_EQ(run_node<int8_t>(OpCode::SELECT_V2,
                             {flags({2}, {1, 0}), operand<int8_t>({3, 1}, {1, 2, 3}), operand<int8_t>({}, {9})}),
            (std::vector<int8_t>{1, 9, 2, 9, 3, 9}));
}

}  // namespace
}  // namespace monolite::ops
