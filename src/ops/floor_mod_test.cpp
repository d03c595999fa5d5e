#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(FloorMod, HasTheDivisorsSign) {
  EXPECT_EQ(
      run_node<int64_t>(OpCode::FLOOR_MOD, {row<int64_t>({7, -7, 7, -7, INT64_MIN}), row<int64_t>({3, 3, -3, -3, -1})}),
      (std::vector<int64_t>{1, 2, -2, -1, 0}));
  EXPECT_EQ(run_node<float>(OpCode::FLOOR_MOD, {row<float>({-0.5f}), row<float>({2})}), (std::vector<float>{1.5f}));
}

TEST(FloorMod, RefusesAZeroDivisor) {
  EXPECT_NE(OperandNode(OpCode::FLOOR_MOD, {row<int32_t>({7}), row<int32_t>({0})}, DType::int32)
                .error()
                .find("zero at element 0"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
