#pragma once
// How a camera was held: the orientation in a JPEG's EXIF block.

#include <cstddef>
#include <span>

#include "image/image.h"

namespace monolite::image {

// The orientation in an APP1 segment's bytes ("Exif\0\0", then a TIFF header; EXIF 2.3, 4.6.4): 1 … 8; 1, which is
// upright, where there is none or the block is broken.
int exif_orientation(std::span<const std::byte> segment);

// The picture as it was seen. Orientation 1 changes nothing, 5 … 8 swap width and height.
Image upright(Image image, int orientation);

}  // namespace monolite::image
