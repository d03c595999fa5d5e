#include "ops/elementwise_testing.h"
#include "ops/sigmoid_table.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Logistic, IsOneHalfAtZeroInEveryType) {
  EXPECT_EQ(run_node<float>(OpCode::LOGISTIC, {row<float>({0, 1000, -1000})}), (std::vector<float>{0.5f, 1, 0}));
  EXPECT_EQ(
      run_node<uint8_t>(OpCode::LOGISTIC, {row<uint8_t>({7, 255, 0}, per_tensor(10, 7))}, per_tensor(1.0f / 256, 0)),
      (std::vector<uint8_t>{128, 255, 0}));
  EXPECT_EQ(run_node<int8_t>(OpCode::LOGISTIC, {row<int8_t>({7}, per_tensor(10, 7))}, per_tensor(1.0f / 256, -128)),
            (std::vector<int8_t>{0}));
  EXPECT_EQ(run_node<int16_t>(OpCode::LOGISTIC, {row<int16_t>({0, 32767, -32768}, per_tensor(0.01f, 0))},
                              per_tensor(1.0f / 32768, 0)),
            (std::vector<int16_t>{16384, 32767, 1}));
}

TEST(Logistic, WantsTheOutputScaleOfItsRange) {
  EXPECT_EQ(
      OperandNode(OpCode::LOGISTIC, {row<uint8_t>({0}, per_tensor(1, 0))}, DType::uint8, per_tensor(0.5f, 0)).error(),
      "subgraph 0, node 0 LOGISTIC \"y\", output 0\n"
      "  found     scale 0.5\n"
      "  expected  1/256");
}

TEST(SigmoidTable, RunsFromOneHalfToOne) {
  const auto& table = sigmoid_table();
  EXPECT_EQ(table[0], 32768);
  EXPECT_EQ(table[24], 47911);  // sigmoid(1) = 0.731059
  EXPECT_EQ(table[255], 65535);
  for (size_t i = 1; i < table.size(); ++i) EXPECT_LE(table[i - 1], table[i]);
}

}  // namespace
}  // namespace monolite::ops
