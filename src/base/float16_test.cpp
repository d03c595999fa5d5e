#include "base/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace monolite {
namespace {

TEST(Float16, EveryHalfComesBack) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = float_from_half(half);
    if (std::isnan(value)) continue;
    EXPECT_EQ(half_from_float(value), half);
  }
}

TEST(Float16, HasTheValuesOfTheStandard) {
  EXPECT_EQ(float_from_half(0x3C00), 1.0f);
  EXPECT_EQ(float_from_half(0xC000), -2.0f);
  EXPECT_EQ(float_from_half(0x7BFF), 65504.0f);
  EXPECT_EQ(float_from_half(0x0001), std::ldexp(1.0f, -24));
  EXPECT_EQ(float_from_half(0x7C00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(float_from_half(0x7E00)));
}

TEST(Float16, RoundsHalvesToEven) {
  EXPECT_EQ(half_from_float(1.0f + 1.0f / 2048), 0x3C00);  // between 0x3C00 and 0x3C01
  EXPECT_EQ(half_from_float(1.0f + 3.0f / 2048), 0x3C02);  // between 0x3C01 and 0x3C02
  EXPECT_EQ(half_from_float(65519.0f), 0x7BFF);
  EXPECT_EQ(half_from_float(65520.0f), 0x7C00);
  EXPECT_EQ(half_from_float(std::ldexp(1.0f, -25)), 0x0000);
  EXPECT_EQ(half_from_float(std::ldexp(1.5f, -25)), 0x0001);
  EXPECT_EQ(half_from_float(std::ldexp(1.5f, -24)), 0x0002);  // between 0x0001 and 0x0002
  EXPECT_EQ(half_from_float(std::nanf("")), 0x7E00);
}

}  // namespace
}  // namespace monolite
