#include "base/fixed_point.h"

#include <gtest/gtest.h>

namespace monolite {
namespace {

TEST(Multiplier, HoldsTheRealNumber) {
  for (const double real : {1.0, 0.5, 0.3, 1e-6, 7.75, 1000.25}) {
    const Multiplier m = quantize_multiplier(real);
    EXPECT_GE(m.mantissa, 1 << 30);
    EXPECT_NEAR(std::ldexp(m.mantissa, m.shift - 31), real, real * 1e-9);
  }
  EXPECT_EQ(quantize_multiplier(0).mantissa, 0);
  EXPECT_EQ(quantize_multiplier(1e-20).mantissa, 0);
}

TEST(Multiply, RoundsTwice) {
  const Multiplier half = quantize_multiplier(0.5);
  EXPECT_EQ(multiply(3, half), 2) << "the high multiplication rounds 1.5 up";
  EXPECT_EQ(multiply(-3, half), -1) << "and -1.5 up as well";
  const Multiplier quarter = quantize_multiplier(0.25);  // mantissa 2^30, shift -1
  EXPECT_EQ(multiply(5, quarter), 2) << "5 -> 3 (2.5 up), 3 -> 2 (1.5 away from zero): one rounding would give 1";
  EXPECT_EQ(multiply(-5, quarter), -1) << "-5 -> -2 (-2.5 up), -2 -> -1";
}

TEST(RoundingDivideByPot, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(rounding_divide_by_pot(5, 1), 3);
  EXPECT_EQ(rounding_divide_by_pot(-5, 1), -3);
  EXPECT_EQ(rounding_divide_by_pot(7, 0), 7);
  EXPECT_EQ(rounding_divide_by_pot(std::numeric_limits<int32_t>::min(), 31), -1);
}

TEST(HighMul, SaturatesItsOneOverflow) {
  const int32_t least = std::numeric_limits<int32_t>::min();
  EXPECT_EQ(saturating_rounding_doubling_high_mul(least, least), std::numeric_limits<int32_t>::max());
}

TEST(FixedPoint, SaturatesWideAccumulatorsUnderHugeMultipliers) {
  const Multiplier huge{1 << 30, 20};
  EXPECT_EQ(multiply(int64_t{0}, huge), 0);
  EXPECT_EQ(multiply(int64_t{1}, huge), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(multiply(int64_t{-1}, huge), std::numeric_limits<int32_t>::min());
}

}  // namespace
}  // namespace monolite
