#include "image/bmp.h"

#include <gtest/gtest.h>

#include <cstring>

namespace monolite::image {
namespace {

struct Header {
  int32_t width = 2, height = 2;
  uint16_t bits = 24;
  uint32_t compression = 0, colors = 0;
};

void put(std::vector<std::byte>& file, size_t at, uint32_t value, size_t bytes) {
  std::memcpy(file.data() + at, &value, bytes);
}

// A BMP file: header, then what follows it (palette or masks, then rows).
std::vector<std::byte> bmp(const Header& h, const std::vector<uint8_t>& palette, const std::vector<uint8_t>& rows) {
  std::vector<std::byte> file(54);
  file[0] = std::byte{'B'};
  file[1] = std::byte{'M'};
  put(file, 10, static_cast<uint32_t>(54 + palette.size()), 4);
  put(file, 14, 40, 4);
  put(file, 18, static_cast<uint32_t>(h.width), 4);
  put(file, 22, static_cast<uint32_t>(h.height), 4);
  put(file, 26, 1, 2);
  put(file, 28, h.bits, 2);
  put(file, 30, h.compression, 4);
  put(file, 46, h.colors, 4);
  for (const auto* part : {&palette, &rows}) {
    for (const uint8_t b : *part) file.push_back(std::byte{b});
  }
  return file;
}

TEST(Bmp, ReadsRowsFromTheBottom) {
  const auto image = decode_bmp(bmp({}, {}, {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0}), "a.bmp");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<uint8_t>{9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4}));
}

TEST(Bmp, ReadsRowsFromTheTopWhereTheHeightIsNegative) {
  const auto image = decode_bmp(bmp({.height = -2}, {}, {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0}), "a.bmp");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<uint8_t>{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}));
}

TEST(Bmp, DropsTheFourthByteOf32Bits) {
  const auto image = decode_bmp(bmp({.width = 1, .height = 1, .bits = 32}, {}, {1, 2, 3, 255}), "a.bmp");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<uint8_t>{3, 2, 1}));
}

TEST(Bmp, FollowsBitFields) {
  const std::vector<uint8_t> masks{0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0xFF, 0};  // red first
  const auto image =
      decode_bmp(bmp({.width = 1, .height = 1, .bits = 32, .compression = 3}, masks, {1, 2, 3, 0}), "a.bmp");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<uint8_t>{1, 2, 3}));
}

TEST(Bmp, LooksPalettesUpAndKeepsTheirIndicesAsLabels) {
  const std::vector<uint8_t> palette{0, 0, 0, 0, 30, 20, 10, 0};
  const auto file = bmp({.width = 2, .height = 1, .bits = 8, .colors = 2}, palette, {1, 0, 0, 0});
  EXPECT_EQ(decode_bmp(file, "a.bmp")->rgb, (std::vector<uint8_t>{10, 20, 30, 0, 0, 0}));
  EXPECT_EQ(decode_bmp_mask(file, "a.bmp")->labels, (std::vector<uint16_t>{1, 0}));
  const auto bits = bmp({.width = 3, .height = 1, .bits = 1, .colors = 2}, palette, {0b10100000, 0, 0, 0});
  EXPECT_EQ(decode_bmp_mask(bits, "a.bmp")->labels, (std::vector<uint16_t>{1, 0, 1}));
}

TEST(Bmp, SaysWhatItDoesNotRead) {
  const auto rle = decode_bmp(bmp({.bits = 8, .compression = 1}, std::vector<uint8_t>(1024), {0, 0}), "a.bmp");
  ASSERT_FALSE(rle);
  EXPECT_EQ(rle.error().found, "run-length compression (RLE)");
  EXPECT_EQ(rle.error().mend, "save it as PNG");
  EXPECT_EQ(decode_bmp(bmp({.bits = 16}, {}, std::vector<uint8_t>(8)), "a.bmp").error().found, "16 bits a pixel");
}

TEST(Bmp, RefusesCutAndImpossibleFiles) {
  EXPECT_EQ(decode_bmp(bmp({}, {}, {1, 2, 3}), "a.bmp").error().found, "the file ends before its last row");
  EXPECT_FALSE(decode_bmp(bmp({.width = 0}, {}, {}), "a.bmp"));
  EXPECT_FALSE(decode_bmp(bmp({.width = 0x7fffffff, .height = INT32_MIN}, {}, {}), "a.bmp"));
  auto file = bmp({}, {}, std::vector<uint8_t>(16));
  for (size_t n = 0; n < file.size(); ++n) EXPECT_FALSE(decode_bmp(std::span(file).first(n), "a.bmp")) << n;
}

}  // namespace
}  // namespace monolite::image
