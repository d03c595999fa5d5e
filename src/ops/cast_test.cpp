#include "ops/cast.h"

#include <cmath>

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_flags;
using testing::run_node;

TEST(Cast, CutsTowardsZeroAndSaturates) {
  EXPECT_EQ(run_node<int32_t>(OpCode::CAST, {row<float>({-1.9f, 1.9f, 3e9f, -3e9f, std::nanf("")})}),
            (std::vector<int32_t>{-1, 1, INT32_MAX, INT32_MIN, INT32_MAX}));
  EXPECT_EQ(run_node<uint8_t>(OpCode::CAST, {row<float>({-1, 255.9f, 256})}), (std::vector<uint8_t>{0, 255, 255}));
}

TEST(Cast, KeepsTheLowBitsOfIntegers) {
  EXPECT_EQ(run_node<int8_t>(OpCode::CAST, {row<int64_t>({0x1234567F, -129})}), (std::vector<int8_t>{0x7F, 127}));
}

TEST(Cast, TakesAnyNonZeroForTrue) {
  EXPECT_EQ(run_flags(OpCode::CAST, {row<float>({0, -0.5f})}), (std::vector<uint8_t>{0, 1}));
}

TEST(Cast, NamesTheTypesItKnows) {
  EXPECT_NE(OperandNode(OpCode::CAST, {row<float>({0})}, DType::string).error().find("found     string"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
