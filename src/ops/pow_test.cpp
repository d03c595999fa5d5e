#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::operand;
using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Pow, RaisesToBroadcastExponents) {
  EXPECT_EQ(run_node<float>(OpCode::POW, {row<float>({4}), row<float>({0.5f, 2})}), (std::vector<float>{2, 16}));
  EXPECT_EQ(run_node<int32_t>(OpCode::POW, {row<int32_t>({2, -3}), row<int32_t>({10, 3})}),
            (std::vector<int32_t>{1024, -27}));
}

TEST(Pow, MultipliesByAScalarExponent) {
  EXPECT_EQ(run_node<int32_t>(OpCode::POW, {row<int32_t>({3, 0x10001}), operand<int32_t>({}, {3})}),
            (std::vector<int32_t>{27, 0x30001}));  // wraps
}

TEST(Pow, RefusesNegativeExponentsOfIntegers) {
  EXPECT_NE(OperandNode(OpCode::POW, {row<int32_t>({2}), row<int32_t>({-1})}, DType::int32)
                .error()
                .find("a negative exponent of an integer"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops
