#include "image/exif.h"

#include <gtest/gtest.h>

#include <string_view>

namespace monolite::image {
namespace {

int orientation(std::string_view bytes) {
  return exif_orientation(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

using std::string_view_literals::operator""sv;

TEST(Exif, ReadsBothByteOrders) {
  EXPECT_EQ(orientation("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"sv), 6);
  EXPECT_EQ(orientation("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0"sv), 8);
}

TEST(Exif, IsUprightWhereTheBlockIsBroken) {
  EXPECT_EQ(orientation(""), 1);
  EXPECT_EQ(orientation("Exif\0\0"sv), 1);
  EXPECT_EQ(orientation("Exif\0\0MM\0*\xff\xff\xff\xff"sv), 1);
  EXPECT_EQ(orientation("Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x13"sv), 1);
  EXPECT_EQ(orientation("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x63\0\0"sv), 1);
}

// A picture of 3x2 whose red channel counts 0 … 5.
Image counting() {
  Image image(3, 2);
  for (size_t i = 0; i < 6; ++i) image.rgb[3 * i] = static_cast<uint8_t>(i);
  return image;
}

std::vector<int> reds(const Image& image) {
  std::vector<int> values;
  for (size_t i = 0; i < image.rgb.size(); i += 3) values.push_back(image.rgb[i]);
  return values;
}

TEST(Upright, TurnsAsTheStandardSays) {
  const std::vector<std::vector<int>> want{{0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0},
                                           {3, 4, 5, 0, 1, 2}, {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2},
                                           {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image turned = upright(counting(), orientation);
    EXPECT_EQ(turned.width, orientation < 5 ? 3 : 2) << orientation;
    EXPECT_EQ(reds(turned), want[static_cast<size_t>(orientation - 1)]) << orientation;
  }
}

}  // namespace
}  // namespace monolite::image
