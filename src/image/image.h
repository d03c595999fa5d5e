#pragma once
// Pictures and label masks in memory, and the bounds that keep a hostile file from taking the whole machine.

#include <cstdint>
#include <string>
#include <vector>

namespace monolite::image {

// The largest picture that is read or made: 2^28 pixels, more than any camera's.
inline constexpr int64_t kMostPixels = int64_t{1} << 28;

struct Color {
  uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Color&) const = default;
};

// 8-bit RGB, rows from the top, without gaps.
struct Image {
  int32_t width = 0, height = 0;
  std::vector<uint8_t> rgb;

  Image() = default;
  Image(int32_t w, int32_t h, Color fill = {});

  const uint8_t* at(int32_t x, int32_t y) const { return rgb.data() + 3 * (int64_t{y} * width + x); }
  uint8_t* at(int32_t x, int32_t y) { return rgb.data() + 3 * (int64_t{y} * width + x); }
};

// One label a pixel, rows from the top. Labels beyond 65535 are no labels of any data set: they saturate.
struct Mask {
  int32_t width = 0, height = 0;
  std::vector<uint16_t> labels;

  Mask() = default;
  Mask(int32_t w, int32_t h) : width(w), height(h), labels(static_cast<size_t>(int64_t{w} * h)) {}

  const uint16_t* row(int32_t y) const { return labels.data() + int64_t{y} * width; }
  uint16_t* row(int32_t y) { return labels.data() + int64_t{y} * width; }
};

// "800x600".
std::string size_text(int64_t width, int64_t height);

}  // namespace monolite::image
