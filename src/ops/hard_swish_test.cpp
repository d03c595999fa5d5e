#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(HardSwish, IsZeroBelowMinusThreeAndXAboveThree) {
  EXPECT_EQ(run_node<float>(OpCode::HARD_SWISH, {row<float>({-4, -3, 0, 3, 5, 1.5f})}),
            (std::vector<float>{0, 0, 0, 3, 5, 1.125f}));
  EXPECT_EQ(run_node<int8_t>(OpCode::HARD_SWISH, {row<int8_t>({-128, -38, 10, 58, 90}, per_tensor(1.0f / 16, 10))},
                             per_tensor(1.0f / 16, -5)),
            (std::vector<int8_t>{-5, -5, -5, 43, 75}));
}

TEST(HardSwish, RefusesAnOutputScaleFarBelowTheInputs) {
  EXPECT_NE(OperandNode(OpCode::HARD_SWISH, {row<int8_t>({0}, per_tensor(1, 0))}, DType::int8, per_tensor(0.001f, 0))
                .error()
                .find("an output scale of at least 1/128 of the input's"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
