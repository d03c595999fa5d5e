#include "convert/quantization_params.h"

#include <gtest/gtest.h>

namespace monolite::conversion {
namespace {

TEST(QuantizationParams, AreTocos) {
  const auto relu6 = scale_and_zero({0, 6}, kUint8);
  EXPECT_EQ(static_cast<float>(relu6.scale), 0.0235294122f);
  EXPECT_EQ(relu6.zero_point, 0);
  const auto picture = scale_and_zero({-1, 1}, kUint8);
  EXPECT_EQ(picture.zero_point, 128) << "127.5 rounds away from zero";
  const auto filter = scale_and_zero({-0.793563247, 0.76529634, true}, kUint8);
  EXPECT_EQ(static_cast<float>(filter.scale), 0.00613724254f) << "254 steps";
  EXPECT_EQ(filter.zero_point, 130);
  EXPECT_EQ(scale_and_zero({0, 0}, kUint8).scale, 0);
  EXPECT_EQ(scale_and_zero({-1, 1}, kInt8).zero_point, -1) << "-0.5 rounds away from zero as well";
}

}  // namespace
}  // namespace monolite::conversion
