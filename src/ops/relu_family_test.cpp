#include "ops/relu_family.h"

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Relu, CutsRealNumbers) {
  const auto x = row<float>({-2, -0.5f, 0.5f, 2, 7});
  EXPECT_EQ(run_node<float>(OpCode::RELU, {x}), (std::vector<float>{0, 0, 0.5f, 2, 7}));
  EXPECT_EQ(run_node<float>(OpCode::RELU6, {x}), (std::vector<float>{0, 0, 0.5f, 2, 6}));
  EXPECT_EQ(run_node<float>(OpCode::RELU_N1_TO_1, {x}), (std::vector<float>{-1, -0.5f, 0.5f, 1, 1}));
  EXPECT_EQ(run_node<float>(OpCode::RELU_0_TO_1, {x}), (std::vector<float>{0, 0, 0.5f, 1, 1}));
}

TEST(Relu, RescalesAndCutsQuantizedNumbers) {
  const auto x = row<int8_t>({-10, 4, 100}, per_tensor(0.5f, 0));  // -5, 2, 50
  EXPECT_EQ(run_node<int8_t>(OpCode::RELU, {x}, per_tensor(1, -3)), (std::vector<int8_t>{-3, -1, 47}));
  EXPECT_EQ(run_node<int8_t>(OpCode::RELU6, {x}, per_tensor(1, -3)), (std::vector<int8_t>{-3, -1, 3}));
  EXPECT_EQ(run_node<int8_t>(OpCode::RELU_N1_TO_1, {x}, per_tensor(1, -3)), (std::vector<int8_t>{-4, -2, -2}));
  EXPECT_EQ(run_node<int8_t>(OpCode::RELU_0_TO_1, {x}, per_tensor(1, -3)), (std::vector<int8_t>{-3, -2, -2}));
}

TEST(Relu, TakesSymmetricInt16Only) {
  EXPECT_EQ(run_node<int16_t>(OpCode::RELU6, {row<int16_t>({-5, 300}, per_tensor(0.25f, 0))}, per_tensor(0.5f, 0)),
            (std::vector<int16_t>{0, 12}));
  EXPECT_NE(OperandNode(OpCode::RELU, {row<int16_t>({-5}, per_tensor(0.25f, 1))}, DType::int16, per_tensor(0.5f, 0))
                .error()
                .find("zero point 1"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
