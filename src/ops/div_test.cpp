#include "ops/div.h"

#include "ops/elementwise_testing.h"
#include "ops/reciprocal.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Div, DividesRealNumbersAndIntegers) {
  EXPECT_EQ(run_node<float>(OpCode::DIV, {row<float>({1, 8}), row<float>({4})}, Quantization{}, "DivOptions",
                            Div{Activation::relu_n1_to_1}),
            (std::vector<float>{0.25f, 1}));
  EXPECT_EQ(run_node<int32_t>(OpCode::DIV, {row<int32_t>({-7, INT32_MIN}), row<int32_t>({2, -1})}),
            (std::vector<int32_t>{-3, INT32_MIN}));
}

TEST(Div, RescalesQuantizedQuotients) {
  // (40 * 0.5) / (-8 * 0.25) = -10 is -20 steps of 0.5
  EXPECT_EQ(
      run_node<int8_t>(OpCode::DIV, {row<int8_t>({40}, per_tensor(0.5f, 0)), row<int8_t>({-8}, per_tensor(0.25f, 0))},
                       per_tensor(0.5f, 3)),
      (std::vector<int8_t>{-17}));
}

TEST(Div, RefusesADivisorAtItsZeroPoint) {
  EXPECT_NE(OperandNode(OpCode::DIV, {row<int8_t>({1}, per_tensor(1, 0)), row<int8_t>({5}, per_tensor(1, 5))},
                        DType::int8, per_tensor(1, 0))
                .error()
                .find("zero at element 0"),
            std::string::npos);
}

TEST(Reciprocal, IsWithinAFewStepsOfTheTruth) {
  for (const int32_t x : {1, 3, 7, 255, 65535, 1 << 30}) {
    const Reciprocal r = reciprocal(x, 31);
    const double real = static_cast<double>(r.mantissa) / 2147483648.0 / std::ldexp(1.0, r.shift);
    EXPECT_NEAR(real * x, 1.0, 1e-8) << x;
  }
}

}  // namespace
}  // namespace monolite::ops
