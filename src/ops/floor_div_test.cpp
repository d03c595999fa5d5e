#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(FloorDiv, RoundsDown) {
  EXPECT_EQ(run_node<int32_t>(OpCode::FLOOR_DIV, {row<int32_t>({7, -7, INT32_MIN}), row<int32_t>({2, 2, -1})}),
            (std::vector<int32_t>{3, -4, INT32_MIN}));
  EXPECT_EQ(run_node<float>(OpCode::FLOOR_DIV, {row<float>({-0.5f}), row<float>({1})}), (std::vector<float>{-1}));
}

TEST(FloorDiv, NamesAZeroDivisor) {
  EXPECT_EQ(OperandNode(OpCode::FLOOR_DIV, {row<int8_t>({7}), row<int8_t>({2, 0})}, DType::int8).error(),
            "subgraph 0, node 0 FLOOR_DIV \"y\", input 1\n"
            "  found     zero at element 1\n"
            "  expected  divisors that are not 0");
}

}  // namespace
}  // namespace monolite::ops
