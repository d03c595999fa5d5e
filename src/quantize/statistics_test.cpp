#include "quantize/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace monolite::quantize {
namespace {

std::vector<float> bell(size_t count, float outlier) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& v : values) v = normal(random);
  values[0] = outlier;
  return values;
}

Range of(Method method, const std::vector<std::vector<float>>& samples, double percentile = 99.99) {
  Statistics s(method);
  for (const auto& values : samples) s.add(values);
  return s.range(percentile);
}

TEST(Statistics, MinMaxTakesAllThatWasSeen) {
  EXPECT_EQ(of(Method::min_max, {{1, 2}, {-3, 0.5f}}), (Range{-3, 2}));
  EXPECT_EQ(of(Method::min_max, {{2, 5}}), (Range{2, 5}));
}

TEST(Statistics, OneOddSampleMovesTheAverageByItsShareOnly) {
  EXPECT_EQ(of(Method::moving_average, {{-1, 1}, {-1, 1}, {-1, 1}, {-1, 9}}), (Range{-1, 3}));
}

TEST(Statistics, ValuesThatAreNotFiniteAreLeftOutAndCounted) {
  Statistics s;
  s.add(std::vector<float>{NAN, 1, INFINITY, -2});
  EXPECT_EQ(s.not_finite(), 2);
  EXPECT_EQ(s.range(), (Range{-2, 1}));
  Statistics nothing;
  nothing.add(std::vector<float>{NAN});
  EXPECT_FALSE(nothing.has_values());
}

TEST(Statistics, PercentileAndErrorCutAnOutlierOff) {
  const auto values = bell(100'000, 100);
  EXPECT_EQ(of(Method::min_max, {values}).max, 100);
  const Range percentile = of(Method::percentile, {values}, 99.9);
  EXPECT_NEAR(percentile.max, 3.09, 0.2) << "the normal distribution's quantile";
  EXPECT_NEAR(percentile.min, -3.09, 0.2);
  const Range mse = of(Method::mse, {values});
  EXPECT_GT(mse.max, 3);
  EXPECT_LT(mse.max, 95);
}

// The squared error of rounding to 256 steps of a range, computed value by value.
double error(const std::vector<float>& values, const Range& r) {
  const double step = (r.max - r.min) / 255;
  double sum = 0;
  for (const float v : values) {
    const double clamped = std::clamp<double>(v, r.min, r.max), rounded = std::round(clamped / step) * step;
    sum += (rounded - v) * (rounded - v);
  }
  return sum;
}

TEST(Statistics, MseIsBetterThanItsNeighbours) {
  const auto values = bell(20'000, 12);
  const Range best = of(Method::mse, {values});
  for (const double factor : {0.7, 1.4, 2.0}) {
    const Range other{best.min * factor, std::min(best.max * factor, 12.0)};
    EXPECT_LT(error(values, best), error(values, other)) << factor;
  }
}

TEST(Histogram, WidensWithoutLosingValues) {
  Histogram h;
  h.add(std::vector<float>{0.001f, -0.001f, 0});
  h.add(std::vector<float>{1000, -2000, 5});
  EXPECT_EQ(h.total(), 6);
  const Range all = h.without_tails(0);
  EXPECT_NEAR(all.min, -2000, 2);
  EXPECT_NEAR(all.max, 1000, 2);
  h.add(std::vector<float>{std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()});
  EXPECT_EQ(h.total(), 8);
}

TEST(Histogram, ZerosAloneHaveNoRange) {
  Histogram h;
  h.add(std::vector<float>(10, 0.0f));
  EXPECT_EQ(h.without_tails(0.01), (Range{}));
}

TEST(Mapping, ZeroHasAValueOfItsOwn) {
  const Quantization q = mapping_of({2, 5}, IntegerType::int8);  // widened to 0..5
  EXPECT_EQ(q.zero_point[0], -128);
  EXPECT_FLOAT_EQ(q.scale[0], 5.0f / 255);
  EXPECT_EQ(mapping_of({-1, 1}, IntegerType::uint8).zero_point[0], 128);
  EXPECT_EQ(mapping_of({-5, -2}, IntegerType::uint8).zero_point[0], 255);
  const Quantization wide = mapping_of({-1, 4}, IntegerType::int16x8);
  EXPECT_EQ(wide.zero_point[0], 0);
  EXPECT_FLOAT_EQ(wide.scale[0], 4.0f / 32767);
  EXPECT_GT(mapping_of({0, 0}, IntegerType::int8).scale[0], 0);
}

}  // namespace
}  // namespace monolite::quantize
