#include "image/overlay.h"

#include <gtest/gtest.h>

#include "image/draw.h"

namespace monolite::image {
namespace {

TEST(Tint, MixesHalfAndLeavesTheBackground) {
  Image image(3, 1, {100, 100, 100});
  Mask mask(3, 1);
  mask.labels = {0, 1, 9};
  tint(image, mask, std::vector<Color>{{255, 0, 0}, {200, 0, 0}}, 0);
  EXPECT_EQ(image.rgb, (std::vector<uint8_t>{100, 100, 100, 150, 50, 50, 100, 100, 100}));
}

TEST(Legend, ShowsEachColourWhereThereIsRoom) {
  Image image(120, 60);
  draw_legend(image, std::vector<LegendEntry>{{"cat", {1, 2, 3}}, {"dog", {4, 5, 6}}});
  int found = 0;
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    if (image.rgb[i] == 1 && image.rgb[i + 1] == 2) ++found;
  }
  EXPECT_EQ(found, 5 * 5);
}

TEST(Legend, LeavesTinyPicturesAlone) {
  Image image(8, 8, {7, 7, 7});
  const Image before = image;
  draw_legend(image, std::vector<LegendEntry>{{"cat", {1, 2, 3}}});
  EXPECT_EQ(image.rgb, before.rgb);
}

TEST(Boxes, AreCutAtTheEdges) {
  Image image(10, 10);
  draw_boxes(image, std::vector<LabelledBox>{{{-5, -5, 100, 100}, "für 猫", {9, 9, 9}}});
  EXPECT_EQ(image.width, 10);
  Image one(1, 1);
  draw_boxes(one, std::vector<LabelledBox>{{{0, 0, 1, 1}, "x", {9, 9, 9}}});
  EXPECT_EQ(one.rgb[0], 9);
}

TEST(Text, IsAsWideAsItsLetters) {
  EXPECT_EQ(text_width("abc", 2), 36);
  EXPECT_EQ(text_width("für", 1), 18);
}

}  // namespace
}  // namespace monolite::image
