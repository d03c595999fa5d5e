#include "ops/elementwise_testing.h"
#include "ops/fake_quant.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(AddN, AddsEqualShapes) {
  EXPECT_EQ(run_node<float>(OpCode::ADD_N, {row<float>({1, 2}), row<float>({10, 20}), row<float>({100, 200})}),
            (std::vector<float>{111, 222}));
  EXPECT_NE(
      OperandNode(OpCode::ADD_N, {row<float>({1, 2}), row<float>({1})}, DType::float32).error().find("that of input 0"),
      std::string::npos);
}

TEST(Sign, IsOneOfThree) {
  EXPECT_EQ(run_node<int32_t>(OpCode::SIGN, {row<int32_t>({-5, 0, 7})}), (std::vector<int32_t>{-1, 0, 1}));
}

TEST(ZerosLike, HasItsInputsShape) {
  EXPECT_EQ(run_node<float>(OpCode::ZEROS_LIKE, {row<float>({-5, 7})}), (std::vector<float>{0, 0}));
}

TEST(Atan2, KnowsTheQuadrant) {
  EXPECT_EQ(run_node<float>(OpCode::ATAN2, {row<float>({0, 0}), row<float>({1, -1})}),
            (std::vector<float>{0, 3.14159274f}));
}

TEST(Bits, AreShiftedWithinTheirType) {
  EXPECT_EQ(run_node<int8_t>(OpCode::BITWISE_XOR, {row<int8_t>({0x55}), row<int8_t>({0x0F})}),
            (std::vector<int8_t>{0x5A}));
  EXPECT_EQ(run_node<int8_t>(OpCode::RIGHT_SHIFT, {row<int8_t>({-16, -16, 16}), row<int8_t>({2, 100, -1})}),
            (std::vector<int8_t>{-4, -1, 16}));
}

TEST(FakeQuantOp, RoundsToStepsThatHoldZero) {
  EXPECT_EQ(run_node<float>(OpCode::FAKE_QUANT, {row<float>({-9, 0.1f, 0.3f, 1.4f})}, Quantization{},
                            "FakeQuantOptions", FakeQuant{-0.5f, 1.0f, 2, false}),
            (std::vector<float>{-0.5f, 0, 0.5f, 1}));
}

}  // namespace
}  // namespace monolite::ops
