#pragma once
// Drawing on pictures. Everything is cut at the picture's edges.

#include <string_view>

#include "image/image.h"
#include "image/resize.h"

namespace monolite::image {

// Mixes a colour into a rectangle: `strength` of 256 parts.
void fill(Image& image, Rect rect, Color color, int strength = 256);

// A rectangle's outline, `thickness` pixels inwards.
void outline(Image& image, Rect rect, Color color, int thickness);

// Text whose upper left corner is at (x, y); each dot of the font is `scale` pixels wide. Letters outside of ASCII are
// shown as one '?' each.
void text(Image& image, int32_t x, int32_t y, std::string_view words, Color color, int scale);
int32_t text_width(std::string_view words, int scale);
int32_t text_height(int scale);

// The font scale that is readable in a picture of this size: 1 for a thumbnail, 2 around 640 pixels, more beyond.
int text_scale(const Image& image);

// Black or white, whichever is easier to read on the colour.
Color readable_on(Color background);

}  // namespace monolite::image
