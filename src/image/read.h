#pragma once
// A picture or a mask from any file of a kind that is known here.

#include <string>

#include "base/buffer.h"
#include "base/expected.h"
#include "image/image.h"

namespace monolite::image {

// Is the file one of the kinds below, going by its first bytes? Its name does not matter.
bool is_picture(const Buffer& file);

// A PNG, JPEG or BMP as upright RGB. Errors: another kind of file (it is named), a broken one, more than kMostPixels.
Expected<Image> read_image(const std::string& path);
Expected<Image> decode_image(const Buffer& file, const std::string& name);

// A palette or grey PNG, or a BMP with a palette, as labels.
Expected<Mask> read_mask(const std::string& path);
Expected<Mask> decode_mask(const Buffer& file, const std::string& name);

// Writes a PNG, whole or not at all.
Expected<void> write_png(const Image& image, const std::string& path);

}  // namespace monolite::image
