#include "image/read.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"

namespace monolite::image {
namespace {

Buffer bytes(std::string_view text) { return Buffer::copy_of(std::as_bytes(std::span(text.data(), text.size()))); }

TEST(ReadImage, NamesOtherKindsOfFiles) {
  EXPECT_EQ(decode_image(bytes("GIF89a"), "a.png").error().found, "a GIF");
  EXPECT_EQ(decode_image(bytes("hello"), "a.png").error().found, "a file of another kind");
  EXPECT_EQ(decode_image(Buffer(), "a.png").error().found, "an empty file");
  EXPECT_EQ(decode_image(bytes("GIF89a"), "a.png").error().expected, "a picture: PNG, JPEG or BMP");
}

TEST(ReadImage, GoesByTheBytesAndNotByTheName) {
  const std::string path = (std::filesystem::temp_directory_path() / "monolite_read_test.jpg").string();
  ASSERT_TRUE(write_png(Image(2, 3, {1, 2, 3}), path));
  const auto image = read_image(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(image);
  EXPECT_EQ(size_text(image->width, image->height), "2x3");
  EXPECT_EQ(image->rgb[5], 3);
}

TEST(ReadMask, RefusesJpeg) { EXPECT_EQ(decode_mask(bytes("\xFF\xD8\xFF\xE0"), "a.jpg").error().found, "a JPEG"); }

}  // namespace
}  // namespace monolite::image
