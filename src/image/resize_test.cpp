#include "image/resize.h"

#include <gtest/gtest.h>

namespace monolite::image {
namespace {

Image row(std::initializer_list<uint8_t> reds) {
  Image image(static_cast<int32_t>(reds.size()), 1);
  size_t i = 0;
  for (const uint8_t red : reds) image.rgb[3 * i++] = red;
  return image;
}

std::vector<int> reds(const Image& image) {
  std::vector<int> values;
  for (size_t i = 0; i < image.rgb.size(); i += 3) values.push_back(image.rgb[i]);
  return values;
}

TEST(Resize, InterpolatesBetweenPixelCentres) {
  EXPECT_EQ(reds(*resize_bilinear(row({0, 100}), 4, 1)), (std::vector<int>{0, 25, 75, 100}));
}

TEST(Resize, PassesNoPixelOverWhenShrinking) {
  // The last of eight pixels is 3.5 of 8 away from the centre; the weights of all sum up to 6.
  EXPECT_EQ(reds(*resize_bilinear(row({0, 0, 0, 0, 0, 0, 0, 240}), 1, 1))[0], 23);  // 240 * (1 - 3.5 / 8) / 6
  EXPECT_EQ(reds(*resize_bilinear(row({80, 80, 80, 80, 80}), 2, 1)), (std::vector<int>{80, 80}));
}

TEST(Resize, TakesAPartOfThePicture) {
  EXPECT_EQ(reds(*resize_bilinear(row({9, 50, 60, 9}), {1, 0, 2, 1}, 2, 1)), (std::vector<int>{50, 60}));
  EXPECT_EQ(reds(*resize_nearest(row({9, 50, 60, 9}), {1, 0, 2, 1}, 4, 1)), (std::vector<int>{50, 50, 60, 60}));
}

TEST(Resize, RefusesWhatNoMemoryHolds) {
  EXPECT_FALSE(resize_bilinear(row({1}), 1 << 15, 1 << 15));
  EXPECT_FALSE(resize_nearest(row({1}), {0, 0, 1, 1}, 0, 1));
}

TEST(Place, FitsKeepingTheAspect) {
  const auto p = place(Fit::fit, 800, 600, 513, 513);
  EXPECT_EQ(p.from, (Rect{0, 0, 800, 600}));
  EXPECT_EQ(p.to_width, 513);
  EXPECT_EQ(p.to_height, 385);
  EXPECT_EQ(place(Fit::fit, 100000, 1, 513, 513).to_height, 1);
}

TEST(Place, CropsTheCentreOfTheTargetsAspect) {
  const auto p = place(Fit::crop, 800, 600, 224, 224);
  EXPECT_EQ(p.from, (Rect{137, 37, 525, 525}));
  EXPECT_EQ(p.to_width, 224);
  EXPECT_EQ(place(Fit::crop, 1, 1, 224, 224).from, (Rect{0, 0, 1, 1}));
}

}  // namespace
}  // namespace monolite::image
