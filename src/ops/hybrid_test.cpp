#include "ops/hybrid.h"

#include <gtest/gtest.h>

namespace monolite::ops {
namespace {

TEST(QuantizeRows, RoundsBeforeTheZeroPointIsAdded) {
  const std::vector<float> row = {-125, 130, -2.5f, 2.5f, 0};
  const QuantizedRows q = quantize_rows(row.data(), 1, 5, true);
  EXPECT_EQ(q.scale[0], 1.0f);
  EXPECT_EQ(q.zero_point[0], -3);
  EXPECT_EQ(q.values, (std::vector<int8_t>{-128, 127, -6, 0, -3}));
}

TEST(QuantizeRows, TakesTheRangeInFloat) {
  const float least = -3.573238f, most = 2.9650953f;
  const std::vector<float> row = {least, most};
  const float scale = quantize_rows(row.data(), 1, 2, true).scale[0];
  EXPECT_EQ(scale, (most - least) / 255.0f);
  EXPECT_NE(scale, static_cast<float>((double{most} - double{least}) / 255.0));
}

TEST(QuantizeRows, GivesRowsOfZerosAndEndlessRangesScaleOne) {
  const std::vector<float> rows = {0, 0, -3e38f, 3e38f};
  const QuantizedRows q = quantize_rows(rows.data(), 2, 2, true);
  EXPECT_EQ(q.scale, (std::vector<float>{1, 1}));
  EXPECT_EQ(q.values, (std::vector<int8_t>{0, 0, 0, 0}));
}

TEST(QuantizeRows, IsSymmetricWithoutAZeroPoint) {
  const std::vector<float> row = {-254, 127, 1, -1};
  const QuantizedRows q = quantize_rows(row.data(), 1, 4, false);
  EXPECT_EQ(q.scale[0], 2.0f);
  EXPECT_EQ(q.zero_point[0], 0);
  EXPECT_EQ(q.values, (std::vector<int8_t>{-127, 64, 1, -1}));
}

}  // namespace
}  // namespace monolite::ops
