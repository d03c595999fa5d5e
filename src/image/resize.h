#pragma once
// Scaling pictures and masks.

#include <cstdint>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::image {

// A part of a picture; the right and bottom edges are outside.
struct Rect {
  int32_t left = 0, top = 0, width = 0, height = 0;
  bool operator==(const Rect&) const = default;
};

// Scales the part `from` of a picture to width x height: bilinear where it grows, where it shrinks a triangle filter as
// wide as the reduction, so that no pixel is passed over. The same bits as Pillow's resize(…, BILINEAR), the tool of
// most training pipelines.
//
//   from  lies inside of the picture and is not empty
//
// Errors: a result of more than kMostPixels, or empty.
Expected<Image> resize_bilinear(const Image& image, Rect from, int32_t width, int32_t height);
Expected<Image> resize_bilinear(const Image& image, int32_t width, int32_t height);

// Scales the part `from` of a picture or mask by taking the nearest pixel (centres half a pixel in).
Expected<Image> resize_nearest(const Image& image, Rect from, int32_t width, int32_t height);
Expected<Mask> resize_nearest(const Mask& mask, Rect from, int32_t width, int32_t height);

// How a picture is brought to the size that a model takes.
enum class Fit {
  fit,      // scaled to fit, keeping its aspect, at the top left; the rest is padding
  stretch,  // scaled to fill, whatever its aspect
  pad,      // as it is, at the top left, where it is small enough; else as `fit`
  crop,     // the central part of the target's aspect, 87.5 % of the shorter side, scaled to fill
};

// What Fit comes down to: `from` of the picture goes to `to` of the target, which starts at the top left.
struct Placement {
  Rect from;
  int32_t to_width = 0, to_height = 0;
};
Placement place(Fit fit, int32_t width, int32_t height, int32_t target_width, int32_t target_height);

}  // namespace monolite::image
