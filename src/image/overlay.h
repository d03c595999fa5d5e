#pragma once
// A picture with what a model saw in it drawn over.

#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "image/image.h"
#include "image/resize.h"

namespace monolite::image {

struct LegendEntry {
  std::string name;
  Color color;
};

// Tints each pixel with its label's colour, half and half.
//
//   mask        as large as the picture
//   colors      by label; labels beyond it are left as they are
//   background  a label that is not tinted, or -1
void tint(Image& image, const Mask& mask, std::span<const Color> colors, int background);

// A box in the lower left corner that names colours, first to last, as many as fit in two thirds of the picture's
// height. Nothing where the picture is too small to read it in.
void draw_legend(Image& image, std::span<const LegendEntry> entries);

struct LabelledBox {
  Rect rect;
  std::string label;
  Color color;
};

// Boxes, each with its label above or, where there is no room, inside its upper edge. The first lies on top.
void draw_boxes(Image& image, std::span<const LabelledBox> boxes);

}  // namespace monolite::image
