#include "eval/confusion.h"

#include <gtest/gtest.h>

#include "eval/confusion_picture.h"

namespace monolite::eval {
namespace {

TEST(Confusion, CountsWhatIsNotIgnored) {
  Confusion c(3);
  c.add(std::vector<uint8_t>{0, 0, 1, 1, 255, 2}, std::vector<uint16_t>{0, 1, 1, 700, 0, 2}, 255);
  EXPECT_EQ(c.total(), 5);
  EXPECT_EQ(c.at(0, 1), 1);
  EXPECT_EQ(c.at(1, 3), 1) << "a prediction that is no class";
  EXPECT_EQ(c.row(1), 2);
  EXPECT_EQ(c.column(1), 2);
}

TEST(Confusion, AnIgnoredLabelMayBeAClassNumber) {
  Confusion c(2);
  c.add(std::vector<uint8_t>{0, 1}, std::vector<uint16_t>{1, 1}, 0);
  EXPECT_EQ(c.total(), 1);
}

TEST(Scores, AreRatiosOfCounts) {
  Confusion c(3);
  c.add(std::vector<uint8_t>{0, 0, 0, 1, 1}, std::vector<uint16_t>{0, 0, 1, 1, 9}, 255);
  const Scores s = scores(c);
  EXPECT_EQ(*s.classes[0].iou, 2.0 / 3);
  EXPECT_EQ(*s.classes[1].iou, 1.0 / 3);
  EXPECT_FALSE(s.classes[2].iou) << "neither labelled nor predicted";
  EXPECT_EQ(s.miou, (2.0 / 3 + 1.0 / 3) / 2);
  EXPECT_EQ(s.pixel_accuracy, 3.0 / 5);
  EXPECT_EQ(s.mean_accuracy, (2.0 / 3 + 1.0 / 2) / 2);
}

TEST(Scores, AClassThatIsOnlyPredictedCountsAsZero) {
  Confusion c(2);
  c.add(std::vector<uint8_t>{0, 0}, std::vector<uint16_t>{0, 1}, 255);
  EXPECT_EQ(scores(c).miou, 0.25);
  EXPECT_FALSE(scores(c).classes[1].accuracy);
}

TEST(Scores, OfNothingAreZero) {
  EXPECT_EQ(scores(Confusion(4)).miou, 0);
  EXPECT_EQ(scores(Confusion(4)).pixel_accuracy, 0);
}

TEST(ConfusionPicture, HasRoomForAllClasses) {
  for (const int classes : {1, 8, 21, 151, 256}) {
    const image::Image p = draw(Confusion(classes), {});
    EXPECT_LT(p.width, 4096);
    EXPECT_EQ(p.rgb.size(), static_cast<size_t>(p.width) * static_cast<size_t>(p.height) * 3);
  }
}

}  // namespace
}  // namespace monolite::eval
