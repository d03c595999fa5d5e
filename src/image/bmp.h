#pragma once
// BMP in: our own small reader.
// Format: Windows GDI's BITMAPFILEHEADER with BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER or BITMAPV5HEADER.

#include <cstddef>
#include <span>
#include <string>

#include "base/expected.h"
#include "image/image.h"

namespace monolite::image {

bool is_bmp(std::span<const std::byte> bytes);

// A BMP of 1, 4 or 8 bits with a palette, or of 24 or 32 bits, bottom-up or top-down, as RGB; alpha is dropped.
//
// Errors: cut files, run-length coding, 16 bits, more than kMostPixels.
Expected<Image> decode_bmp(std::span<const std::byte> bytes, const std::string& name);

// A BMP with a palette as labels: its palette indices. Errors: as above, or a colour picture.
Expected<Mask> decode_bmp_mask(std::span<const std::byte> bytes, const std::string& name);

}  // namespace monolite::image
