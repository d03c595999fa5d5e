#include "image/palette.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace monolite::image {
namespace {

TEST(Palette, FollowsPascalsFormula) {
  EXPECT_EQ(pascal_color(0), (Color{0, 0, 0}));
  EXPECT_EQ(pascal_color(1), (Color{128, 0, 0}));
  EXPECT_EQ(pascal_color(8), (Color{64, 0, 0}));
  EXPECT_EQ(pascal_color(15), (Color{192, 128, 128}));
  EXPECT_EQ(pascal_color(255), (Color{224, 224, 192}));
}

TEST(Palette, HasOneColourForEachLabel) {
  EXPECT_EQ(cityscapes_colors().size(), 19u);
  EXPECT_EQ(cityscapes_colors()[13], (Color{0, 0, 142}));  // cars
  EXPECT_EQ(ade20k_colors().size(), 150u);
  EXPECT_EQ(ade20k_colors()[2], (Color{6, 230, 230}));  // sky
}

TEST(Palette, KeepsColoursApart) {
  const auto colors = distinct_colors();
  ASSERT_EQ(colors.size(), 256u);
  const auto distance = [&](size_t a, size_t b) {
    return std::abs(colors[a].r - colors[b].r) + std::abs(colors[a].g - colors[b].g) +
           std::abs(colors[a].b - colors[b].b);
  };
  for (size_t a = 0; a < 33; ++a) {
    for (size_t b = 0; b < a; ++b) EXPECT_GT(distance(a, b), 30) << a << " " << b;
  }
}

}  // namespace
}  // namespace monolite::image
