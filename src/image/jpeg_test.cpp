#include "image/jpeg.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <vector>
// jpeglib.h wants stdio.h before it.
#include <jpeglib.h>

namespace monolite::image {
namespace {

// A JPEG of one colour, of as many channels as the colour has; orientation 0 writes no EXIF block.
std::vector<std::byte> jpeg(int width, int height, J_COLOR_SPACE space, const std::vector<uint8_t>& color,
                            int orientation = 0) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = static_cast<int>(color.size());
  info.in_color_space = space;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  if (orientation > 0) {
    const unsigned char exif[] = {
        'E', 'x', 'i', 'f', 0,    0, 'M', 'M', 0, '*', 0, 0, 0,
        8,   0,   1,   1,   0x12, 0, 3,   0,   0, 0,   1, 0, static_cast<unsigned char>(orientation),
        0,   0};
    jpeg_write_marker(&info, JPEG_APP0 + 1, exif, sizeof exif);
  }
  std::vector<uint8_t> row;
  for (int x = 0; x < width; ++x) row.insert(row.end(), color.begin(), color.end());
  JSAMPROW rows = row.data();
  for (int y = 0; y < height; ++y) jpeg_write_scanlines(&info, &rows, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto bytes = std::as_bytes(std::span(out, size));
  std::vector<std::byte> file(bytes.begin(), bytes.end());
  std::free(out);
  return file;
}

void expect_color(const Image& image, int r, int g, int b) {
  EXPECT_NEAR(image.rgb[0], r, 3);
  EXPECT_NEAR(image.rgb[1], g, 3);
  EXPECT_NEAR(image.rgb[2], b, 3);
}

TEST(Jpeg, ReadsColourAndGrey) {
  expect_color(*decode_jpeg(jpeg(8, 8, JCS_RGB, {200, 100, 50}), "a.jpg"), 200, 100, 50);
  expect_color(*decode_jpeg(jpeg(8, 8, JCS_GRAYSCALE, {77}), "a.jpg"), 77, 77, 77);
}

TEST(Jpeg, TurnsInksIntoLight) {
  // libjpeg marks its CMYK files as Adobe's, whose inks are inverted: 255 is none.
  expect_color(*decode_jpeg(jpeg(8, 8, JCS_CMYK, {255, 128, 0, 255}), "a.jpg"), 255, 128, 0);
  expect_color(*decode_jpeg(jpeg(8, 8, JCS_CMYK, {255, 255, 255, 51}), "a.jpg"), 51, 51, 51);
}

TEST(Jpeg, StandsUpright) {
  const auto image = decode_jpeg(jpeg(16, 8, JCS_RGB, {1, 2, 3}, 6), "a.jpg");
  ASSERT_TRUE(image);
  EXPECT_EQ(size_text(image->width, image->height), "8x16");
}

TEST(Jpeg, RefusesCutFiles) {
  const auto file = jpeg(64, 64, JCS_RGB, {200, 100, 50});
  ASSERT_TRUE(decode_jpeg(file, "a.jpg"));
  for (size_t n = 0; n + 2 < file.size(); n += 7) EXPECT_FALSE(decode_jpeg(std::span(file).first(n), "a.jpg")) << n;
  const auto cut = decode_jpeg(std::span(file).first(file.size() - 20), "a.jpg");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().found, "Premature end of JPEG file");
  EXPECT_EQ(cut.error().where, "a.jpg");
}

TEST(Jpeg, RefusesASizeThatTheFileCannotHold) {
  auto file = jpeg(8, 8, JCS_RGB, {1, 2, 3});
  for (size_t i = 0; i + 8 < file.size(); ++i) {
    if (file[i] != std::byte{0xFF} || file[i + 1] != std::byte{0xC0}) continue;
    for (size_t k = 5; k < 9; ++k) file[i + k] = std::byte{0xF0};  // height and width
  }
  EXPECT_FALSE(decode_jpeg(file, "a.jpg"));
}

}  // namespace
}  // namespace monolite::image
