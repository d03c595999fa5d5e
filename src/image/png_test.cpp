#include "image/png.h"

#include <gtest/gtest.h>

namespace monolite::image {
namespace {

Image picture(int32_t width, int32_t height) {
  Image image(width, height);
  for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<uint8_t>(i * 7);
  return image;
}

TEST(Png, WritesWhatItReads) {
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 5}, {257, 2}}) {
    const Image image = picture(width, height);
    const auto back = decode_png(*encode_png(image), "a.png");
    ASSERT_TRUE(back);
    EXPECT_EQ(back->rgb, image.rgb);
  }
}

TEST(Png, KeepsLabelsAndShowsThemInColour) {
  Mask mask(3, 1);
  mask.labels = {0, 15, 255};
  std::vector<Color> palette(256);
  palette[15] = {192, 128, 128};
  const auto file = encode_png(mask, palette);
  ASSERT_TRUE(file);
  EXPECT_EQ(decode_png_mask(*file, "a.png")->labels, mask.labels);
  EXPECT_EQ(decode_png(*file, "a.png")->rgb, (std::vector<uint8_t>{0, 0, 0, 192, 128, 128, 0, 0, 0}));
}

TEST(Png, RefusesLabelsThatDoNotFit) {
  Mask mask(1, 1);
  mask.labels = {256};
  const auto file = encode_png(mask, {});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().found, "label 256");
}

TEST(Png, RefusesAColourPictureAsMask) {
  const auto mask = decode_png_mask(*encode_png(picture(2, 2)), "a.png");
  ASSERT_FALSE(mask);
  EXPECT_EQ(mask.error().found, "a PNG of colours");
}

TEST(Png, RefusesCutAndChangedFiles) {
  const auto file = *encode_png(picture(64, 64));
  for (size_t n = 0; n + 12 < file.size(); n += 5) EXPECT_FALSE(decode_png(std::span(file).first(n), "a.png")) << n;
  auto changed = file;
  changed[changed.size() / 2] ^= std::byte{1};
  const auto image = decode_png(changed, "a.png");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().where, "a.png");
  EXPECT_EQ(image.error().mend, "open it in an image program and save it again");
}

}  // namespace
}  // namespace monolite::image
