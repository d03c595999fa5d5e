#pragma once
// PNG in and out, over libpng.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::image {

bool is_png(std::span<const std::byte> bytes);

// Any PNG as 8-bit RGB: grey is repeated, palettes are looked up, of 16 bits the upper 8 are taken, alpha is dropped
// (as TensorFlow's decode_png does). `name` stands in messages.
//
// Errors: broken or cut files, more than kMostPixels.
Expected<Image> decode_png(std::span<const std::byte> bytes, const std::string& name);

// A PNG of palette indices, or of grey values, as labels. Errors: as above, or a colour picture.
Expected<Mask> decode_png_mask(std::span<const std::byte> bytes, const std::string& name);

// A PNG file of the picture.
Expected<std::vector<std::byte>> encode_png(const Image& image);

// An 8-bit palette PNG: the pixels are the labels, the palette is only for the eye.
//
//   palette  at most 256 colours; labels beyond it are shown black
//
// Errors: a label above 255.
Expected<std::vector<std::byte>> encode_png(const Mask& mask, std::span<const Color> palette);

}  // namespace monolite::image
