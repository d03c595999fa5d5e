#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Quantize, RoundsHalvesAwayFromZeroAndSaturates) {
  EXPECT_EQ(
      run_node<uint8_t>(OpCode::QUANTIZE, {row<float>({0.25f, -0.25f, 0.74f, 1000, -1000})}, per_tensor(0.5f, 10)),
      (std::vector<uint8_t>{11, 9, 11, 255, 0}));
}

TEST(Quantize, TakesOneScaleAChannel) {
  Quantization q;
  q.scale = {1, 0.5f};
  q.zero_point = {0, 1};
  q.dimension = 1;
  EXPECT_EQ(run_node<int8_t>(OpCode::QUANTIZE, {operand<float>({2, 2}, {1, 1, 2, 2})}, q),
            (std::vector<int8_t>{1, 3, 2, 5}));
  q.dimension = 7;
  EXPECT_NE(
      OperandNode(OpCode::QUANTIZE, {operand<float>({2, 2}, {1, 1, 2, 2})}, DType::int8, q).error().find("2 scales"),
      std::string::npos);
}

TEST(Quantize, MovesBetweenSignedAndUnsigned) {
  EXPECT_EQ(
      run_node<int8_t>(OpCode::QUANTIZE, {row<uint8_t>({0, 128, 255}, per_tensor(0.1f, 128))}, per_tensor(0.1f, 0)),
      (std::vector<int8_t>{-128, 0, 127}));
  EXPECT_EQ(run_node<int16_t>(OpCode::QUANTIZE, {row<int32_t>({100000}, per_tensor(0.25f, 0))}, per_tensor(1, 0)),
            (std::vector<int16_t>{25000}));
}

}  // namespace
}  // namespace monolite::ops
