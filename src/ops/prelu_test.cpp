#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Prelu, TakesOneSlopeAChannel) {
  EXPECT_EQ(run_node<float>(OpCode::PRELU, {operand<float>({2, 2}, {-1, -1, 2, -4}), row<float>({0.5f, 0.25f})}),
            (std::vector<float>{-0.5f, -0.25f, 2, -1}));
  // -4 steps of 0.5 are -2; times 2 * 0.25 that is -1, or -1 step of 1
  EXPECT_EQ(run_node<int8_t>(OpCode::PRELU,
                             {row<int8_t>({-3, 9}, per_tensor(0.5f, 1)), row<int8_t>({2}, per_tensor(0.25f, 0))},
                             per_tensor(1, 10)),
            (std::vector<int8_t>{9, 14}));
}

TEST(Prelu, RefusesSlopesThatWouldEnlargeTheInput) {
  EXPECT_NE(OperandNode(OpCode::PRELU, {row<float>({1}), row<float>({1, 2})}, DType::float32)
                .error()
                .find("one that broadcasts to the input's 1"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
