#include "tasks/answers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tasks/output.h"

namespace monolite::tasks {
namespace {

template <class T>
ops::Value value(Shape shape, std::vector<T> values) {
  return {DTypeOf<T>::value, std::move(shape), Buffer::of(std::move(values))};
}

Feed feed_of(int32_t width, int32_t height, int32_t input, image::Fit fit) {
  Feed f;
  f.picture_width = width;
  f.picture_height = height;
  f.input_width = f.input_height = input;
  f.placement = image::place(fit, width, height, input, input);
  f.normalization = {{0}, {1}};
  return f;
}

TEST(Segmentation, CutsThePaddingOffAndScalesBack) {
  const auto mask = segmentation_mask(value<int64_t>({1, 2, 2}, {1, 2, 9, 9}), feed_of(4, 2, 2, image::Fit::fit));
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->labels, (std::vector<uint16_t>{1, 1, 2, 2, 1, 1, 2, 2}));
}

TEST(Segmentation, TakesTheFirstOfTheHighestScores) {
  const auto mask =
      segmentation_mask(value<float>({1, 1, 2, 3}, {0, 5, 5, 7, 1, 7}), feed_of(2, 1, 2, image::Fit::stretch));
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->labels, (std::vector<uint16_t>{1, 0}));
}

TEST(Segmentation, LeavesOpenWhatACropDidNotShow) {
  const auto mask = segmentation_mask(value<int32_t>({1, 1, 1}, {3}), feed_of(3, 1, 1, image::Fit::crop));
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->labels, (std::vector<uint16_t>{kUnseen, 3, kUnseen}));
}

TEST(Segmentation, BearsAnyNumbers) {
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min(), kHigh = std::numeric_limits<int64_t>::max();
  const auto mask = segmentation_mask(value<int64_t>({1, 1, 2}, {kLow, kHigh}), feed_of(2, 1, 2, image::Fit::stretch));
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->labels, (std::vector<uint16_t>{0, 65535}));
}

TEST(LabelShares, CountWhatWasSeen) {
  image::Mask mask(4, 1);
  mask.labels = {255, 7, 7, 3};
  const auto shares = label_shares(mask, {1, 0, 3, 1});
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].label, 7);
  EXPECT_EQ(shares[0].pixels, 2);
  EXPECT_DOUBLE_EQ(shares[1].share, 1.0 / 3);
}

TEST(TopClasses, AreSortedAsRealNumbersWithNanLast) {
  const auto q = top_classes(value<uint8_t>({1, 3}, {10, 200, 30}), per_tensor(1 / 256.0F, 0), 2);
  ASSERT_EQ(q.size(), 2u);
  EXPECT_EQ(q[0].label, 1);
  EXPECT_DOUBLE_EQ(q[0].score, 200 / 256.0);
  EXPECT_EQ(q[1].label, 2);
  const auto f = top_classes(value<float>({1, 3}, {NAN, 1, 2}), {}, -1);
  EXPECT_EQ(f[0].label, 2);
  EXPECT_EQ(f[2].label, 0);
}

TEST(Boxes, LieInsideOfThePicture) {
  const std::vector<ops::Value> outputs{value<float>({1, 2, 4}, {0.25F, 0.5F, 0.75F, 2.0F, NAN, -9, 9, INFINITY}),
                                        value<float>({1, 2}, {17, 0}), value<float>({1, 2}, {0.6F, 0.9F}),
                                        value<float>({1}, {2})};
  const auto found = boxes(outputs, {}, feed_of(100, 200, 10, image::Fit::stretch), 0.5);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].rect, (image::Rect{0, 0, 100, 200}));
  EXPECT_EQ((*found)[1].rect, (image::Rect{50, 50, 50, 100}));
  EXPECT_EQ((*found)[1].label, 17);
}

TEST(Boxes, BelieveTheCountAndTheLeastScore) {
  const std::vector<ops::Value> outputs{value<float>({1, 2, 4}, std::vector<float>(8)), value<float>({1, 2}, {1, 2}),
                                        value<float>({1, 2}, {0.6F, 0.9F}), value<float>({1}, {1})};
  const Feed feed = feed_of(100, 200, 10, image::Fit::stretch);
  EXPECT_EQ(boxes(outputs, {}, feed, 0.5)->size(), 1u);
  EXPECT_EQ(boxes(outputs, {}, feed, 0.7)->size(), 0u);
}

TEST(SuperResolution, CutsThePaddingOff) {
  Feed feed = feed_of(2, 1, 2, image::Fit::fit);
  const auto picture = enlarged_picture(value<float>({1, 4, 4, 3}, std::vector<float>(48, 300)), {}, feed);
  ASSERT_TRUE(picture);
  EXPECT_EQ(image::size_text(picture->width, picture->height), "4x2");
  EXPECT_EQ(picture->rgb[0], 255);
}

TEST(Summary, SaysWhatIsInAnOutput) {
  const auto s = summarize(value<float>({2, 2}, {1, 2, NAN, 6}), {}, "out");
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.max, 6);
  EXPECT_EQ(s.mean, 3);
  EXPECT_EQ(s.not_finite, 1);
  EXPECT_EQ(s.first.size(), 4u);
  EXPECT_EQ(summarize(value<int8_t>({1}, {-128}), per_tensor(0.5F, -128), "q").max, 0);
}

}  // namespace
}  // namespace monolite::tasks
