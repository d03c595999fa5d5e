#pragma once
// JPEG in, over libjpeg-turbo.

#include <cstddef>
#include <span>
#include <string>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::image {

bool is_jpeg(std::span<const std::byte> bytes);

// A JPEG as 8-bit RGB, turned upright as its EXIF block says. Grey is repeated; CMYK (also Adobe's inverted kind)
// becomes RGB without a colour profile. `name` stands in messages.
//
// Errors: broken or cut files, more than kMostPixels, more scans than any camera writes.
Expected<Image> decode_jpeg(std::span<const std::byte> bytes, const std::string& name);

}  // namespace monolite::image
