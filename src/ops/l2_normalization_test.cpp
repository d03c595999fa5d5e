#include "ops/l2_normalization.h"

#include <cmath>

#include "ops/fixed_point_math.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(L2Normalization, MakesRowsOfLengthOne) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {2, 2});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::L2_NORMALIZATION, {x}, {y}, "L2NormOptions", L2Normalization{});
  g.builder.output(y);
  const auto out = elements<float>(g.run({value<float>({2, 2}, {3, -4, 0, 0})}));
  EXPECT_FLOAT_EQ(out[0], 0.6f);
  EXPECT_FLOAT_EQ(out[1], -0.8f);
  EXPECT_EQ(out[2], 0.0f);
}

TEST(L2Normalization, GivesStepsOf128thsWhereIntegersAre8Bits) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 2}, per_tensor(0.1f, 10));
  const auto y = g.builder.tensor("y", DType::uint8, {}, per_tensor(1 / 128.0f, 128));
  g.builder.node(OpCode::L2_NORMALIZATION, {x}, {y}, "L2NormOptions", L2Normalization{});
  g.builder.output(y);
  // 30 and -10 steps are 0.9487 and -0.3162 long: 121.43 and -40.48 of 128, rounded once in quarters (486, -162) and
  // again
  EXPECT_EQ(elements<uint8_t>(g.run({value<uint8_t>({1, 2}, {40, 0})})), (std::vector<uint8_t>{250, 87}));
}

TEST(FixedPointMath, FindsInverseSquareRoots) {
  for (const int32_t x : {1, 2, 3, 100, 12345, 1 << 29, 2147483647}) {
    const Multiplier m = inverse_square_root(x);
    EXPECT_NEAR(std::ldexp(m.mantissa, m.shift - 31) * std::sqrt(x), 1.0, 1e-5) << x;
  }
}

}  // namespace
}  // namespace monolite::ops
