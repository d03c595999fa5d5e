#include "ops/inverse_sqrt.h"

#include <cmath>

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Rsqrt, GivesTheLargestNumberForZero) {
  EXPECT_EQ(run_node<float>(OpCode::RSQRT, {row<float>({4})}), (std::vector<float>{0.5f}));
  // 1 / sqrt(16 * 0.25) = 0.5 is 5 steps of 0.1
  EXPECT_EQ(run_node<int8_t>(OpCode::RSQRT, {row<int8_t>({16, 0}, per_tensor(0.25f, 0))}, per_tensor(0.1f, -8)),
            (std::vector<int8_t>{-3, 127}));
}

TEST(Rsqrt, RefusesNegativeQuantizedNumbers) {
  EXPECT_NE(OperandNode(OpCode::RSQRT, {row<int16_t>({-3}, per_tensor(1, 0))}, DType::int16, per_tensor(1, 0))
                .error()
                .find("a negative number"),
            std::string::npos);
}

TEST(InverseSqrt, IsCloseToTheTruth) {
  for (const int32_t x : {2, 3, 10, 255, 65535, 1 << 30}) {
    const Multiplier m = inverse_sqrt(x);
    EXPECT_NEAR(std::ldexp(m.mantissa, m.shift - 31) * std::sqrt(x), 1.0, 1e-5) << x;
  }
}

}  // namespace
}  // namespace monolite::ops
