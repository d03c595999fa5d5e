#pragma once
// Colours for labels.

#include <span>
#include <vector>

#include "image/image.h"

namespace monolite::image {

// PASCAL VOC's colour map, by its formula: the bits of the label, taken in threes from the lowest, are the upper bits
// of red, green and blue. Label 0 is black.
Color pascal_color(int label);

// Cityscapes' 19 training labels, 0 road … 18 bicycle.
std::span<const Color> cityscapes_colors();

// ADE20K's 150 scene-parsing labels, without the background: 0 wall … 149 flag.
std::span<const Color> ade20k_colors();

// Colours that differ from each other, for labels of any other kind: 256 of them, the first black.
std::vector<Color> distinct_colors();

}  // namespace monolite::image
