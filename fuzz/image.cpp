// Any bytes as a picture or a mask: an error, or pixels as many as the size says, which can be scaled and written
// again.
#include <cstdlib>

#include "bytes.h"
#include "image/png.h"
#include "image/read.h"
#include "image/resize.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace monolite;
  const Buffer file = fuzz::buffer_of(data, size);
  if (const auto image = image::decode_image(file, "fuzz")) {
    if (image->rgb.size() != 3 * static_cast<size_t>(image->width) * static_cast<size_t>(image->height)) std::abort();
    const auto p = image::place(image::Fit::fit, image->width, image->height, 33, 17);
    if (!image::resize_bilinear(*image, p.from, p.to_width, p.to_height)) std::abort();
  }
  const auto mask = image::decode_mask(file, "fuzz");
  if (!mask || mask->labels.size() > 1 << 16) return 0;
  const auto png = image::encode_png(*mask, {});
  if (!png) return 0;  // a label above 255
  const auto again = image::decode_png_mask(*png, "again");
  if (!again || again->labels != mask->labels) std::abort();
  return 0;
}
