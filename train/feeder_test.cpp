#include "feeder.h"

#include <gtest/gtest.h>

#include <set>

#include "schedule.h"

namespace monolite::train {
namespace {

// Pictures of one grey, which is their number; their labels rise along the rows.
class Numbered final : public Source {
 public:
  explicit Numbered(int64_t size) : size_(size) {}
  int64_t size() const override { return size_; }
  Expected<Sample> load(int64_t index) const override {
    Sample s{8, 8, std::vector<uint8_t>(8 * 8 * 3, static_cast<uint8_t>(index)), std::vector<uint8_t>(8 * 8)};
    for (size_t i = 0; i < s.labels.size(); ++i) s.labels[i] = static_cast<uint8_t>(i / 8);
    return s;
  }

 private:
  int64_t size_;
};

const FeedOptions kPlain{.batch_size = 5,
                         .height = 8,
                         .width = 8,
                         .classes = 8,
                         .augmentation = {.min_scale = 1, .max_scale = 1, .mirrors = false}};

TEST(Feeder, EachPassSeesEveryPictureOnceInAnOrderOfItsOwn) {
  const Numbered source(35);
  std::vector<std::vector<int>> passes;
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<int> order;
    for (int64_t step = pass * 7; step < pass * 7 + 7; ++step) {
      const auto b = make_batch(source, kPlain, step);
      ASSERT_TRUE(b);
      for (size_t i = 0; i < 5; ++i) order.push_back(b->images[i * 8 * 8 * 3]);
    }
    EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 35u);
    passes.push_back(order);
  }
  EXPECT_NE(passes[0], passes[1]);
}

TEST(Feeder, ThreadsGiveTheBatchesOfTheStepsWhereverItBegins) {
  const Numbered source(35);
  FeedOptions options = kPlain;
  options.augmentation = {};
  options.threads = 3;
  Feeder whole(source, options, 0, 12), later(source, options, 6, 12);
  for (int64_t step = 0; step < 12; ++step) {
    const auto b = whole.next();
    ASSERT_TRUE(b);
    EXPECT_EQ(b->images, make_batch(source, options, step)->images);
    if (step < 6) continue;
    EXPECT_EQ(b->labels, later.next()->labels);
  }
}

TEST(Feeder, LabelsThatAreNoClassAreNamed) {
  FeedOptions options = kPlain;
  options.classes = 7;
  const auto b = make_batch(Numbered(1), options, 0);
  ASSERT_FALSE(b);
  EXPECT_EQ(b.error().found, "label 7 at column 0, row 7");
  EXPECT_EQ(b.error().expected, "0 to 6, or 255 for what does not count");
}

TEST(Augment, UnchangedAtScaleOne) {
  const Sample s = *Numbered(3).load(2);
  std::vector<uint8_t> image(8 * 8 * 3), labels(8 * 8);
  augment(s, kPlain.augmentation, 99, 8, 8, image.data(), labels.data());
  EXPECT_EQ(image, s.image);
  EXPECT_EQ(labels, s.labels);
}

TEST(Augment, SmallerPicturesArePaddedRightAndBelowWithTheMean) {
  const Sample s = *Numbered(3).load(2);
  const Augmentation half{.min_scale = 0.5, .max_scale = 0.5, .mirrors = false};
  std::vector<uint8_t> image(8 * 8 * 3), labels(8 * 8);
  augment(s, half, 1, 8, 8, image.data(), labels.data());
  EXPECT_EQ(image[3 * 3], 2);
  EXPECT_EQ(image[4 * 3], 128);
  // Four rows of eight with aligned corners: 0, 7/3, 14/3, 7.
  EXPECT_EQ((std::vector<int>{labels[0], labels[8], labels[16], labels[24], labels[32]}),
            (std::vector<int>{0, 2, 5, 7, 255}));
}

TEST(Augment, ResizesToARangeFirst) {
  const Augmentation range{.min_resize = 300, .max_resize = 500};
  EXPECT_EQ(resized_extents(range, 600, 800), (std::pair{300, 400}));
  EXPECT_EQ(resized_extents(range, 200, 150), (std::pair{400, 300})) << "smaller ones grow";
  EXPECT_EQ(resized_extents(range, 300, 900), (std::pair{166, 500})) << "500 at most";
  EXPECT_EQ(resized_extents({.min_resize = 300, .resize_factor = 16}, 600, 800), (std::pair{305, 401}));
  EXPECT_EQ(resized_extents({.resize_factor = 16}, 600, 800), (std::pair{600, 800})) << "alone it does nothing";

  const Sample s = *Numbered(3).load(2);  // rows of their own number
  const Augmentation twice{.min_scale = 1, .max_scale = 1, .min_resize = 15, .mirrors = false};
  std::vector<uint8_t> image(15 * 15 * 3), labels(15 * 15);
  augment(s, twice, 1, 15, 15, image.data(), labels.data());
  EXPECT_EQ((std::vector<int>{labels[0], labels[2 * 15], labels[14 * 15]}), (std::vector<int>{0, 1, 7}));
}

TEST(Augment, AtTheEndThePictureFitsAsAWhole) {
  const Sample s = *Numbered(3).load(2);
  std::vector<uint8_t> image(4 * 6 * 3), labels(4 * 6);
  fit(s, 255, 4, 6, image.data(), labels.data());
  // Eight rows in four, aligned at the corners; two columns are padding.
  EXPECT_EQ((std::vector<int>{labels[0], labels[6], labels[12], labels[18]}), (std::vector<int>{0, 2, 5, 7}));
  EXPECT_EQ(labels[3], 0);
  EXPECT_EQ(labels[4], 255);
  EXPECT_EQ(image[4 * 3], 128);
}

TEST(LearningRate, FollowsItsPolicy) {
  const Schedule poly{.base_rate = 0.1, .steps = 110, .slow_start_steps = 10, .slow_start_rate = 0.02};
  EXPECT_DOUBLE_EQ(learning_rate(poly, 9), 0.02);
  EXPECT_DOUBLE_EQ(learning_rate(poly, 10), 0.1);
  EXPECT_NEAR(learning_rate(poly, 60), 0.1 * 0.5358867312681466, 1e-12);  // 0.5 ^ 0.9
  EXPECT_DOUBLE_EQ(learning_rate(poly, 500), 0);
  const Schedule step{.policy = Policy::step, .base_rate = 1, .decay_every = 100, .decay_factor = 0.5};
  EXPECT_DOUBLE_EQ(learning_rate(step, 99), 1);
  EXPECT_DOUBLE_EQ(learning_rate(step, 250), 0.25);
}

}  // namespace
}  // namespace monolite::train
