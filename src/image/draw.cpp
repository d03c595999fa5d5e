#include "image/draw.h"

#include <algorithm>

#include "image/font.h"

namespace monolite::image {
namespace {

// UTF-8 continuation bytes: they belong to the letter before.
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int32_t letters(std::string_view words) {
  return static_cast<int32_t>(std::count_if(words.begin(), words.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace

void fill(Image& image, Rect rect, Color color, int strength) {
  const int64_t left = std::max(rect.left, 0), right = std::min(int64_t{rect.left} + rect.width, int64_t{image.width});
  const int64_t top = std::max(rect.top, 0), bottom = std::min(int64_t{rect.top} + rect.height, int64_t{image.height});
  const int part[3] = {color.r, color.g, color.b};
  for (int64_t y = top; y < bottom; ++y) {
    for (int64_t x = left; x < right; ++x) {
      uint8_t* pixel = image.at(static_cast<int32_t>(x), static_cast<int32_t>(y));
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<uint8_t>((pixel[c] * (256 - strength) + part[c] * strength + 128) >> 8);
      }
    }
  }
}

void outline(Image& image, Rect r, Color color, int thickness) {
  const int32_t t = std::min({thickness, r.width, r.height});
  fill(image, {r.left, r.top, r.width, t}, color);
  fill(image, {r.left, r.top + r.height - t, r.width, t}, color);
  fill(image, {r.left, r.top, t, r.height}, color);
  fill(image, {r.left + r.width - t, r.top, t, r.height}, color);
}

void text(Image& image, int32_t x, int32_t y, std::string_view words, Color color, int scale) {
  for (const char c : words) {
    if (is_continuation(c)) continue;
    for (int row = 0; row < kGlyphHeight; ++row) {
      for (int column = 0; column < kGlyphWidth; ++column) {
        if (glyph_dot(c, column, row)) fill(image, {x + column * scale, y + row * scale, scale, scale}, color);
      }
    }
    x += kGlyphAdvance * scale;
  }
}

int32_t text_width(std::string_view words, int scale) { return letters(words) * kGlyphAdvance * scale; }
int32_t text_height(int scale) { return kGlyphHeight * scale; }

int text_scale(const Image& image) { return std::clamp((image.width + image.height) / 600, 1, 24); }

Color readable_on(Color background) {
  // Rec. 601 luma, of 1000.
  const int luma = 299 * background.r + 587 * background.g + 114 * background.b;
  return luma > 140 * 1000 ? Color{0, 0, 0} : Color{255, 255, 255};
}

}  // namespace monolite::image
