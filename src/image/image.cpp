#include "image/image.h"

namespace monolite::image {

Image::Image(int32_t w, int32_t h, Color fill) : width(w), height(h), rgb(static_cast<size_t>(3 * int64_t{w} * h)) {
  for (size_t i = 0; i < rgb.size(); i += 3) {
    rgb[i] = fill.r;
    rgb[i + 1] = fill.g;
    rgb[i + 2] = fill.b;
  }
}

std::string size_text(int64_t width, int64_t height) { return std::to_string(width) + "x" + std::to_string(height); }

}  // namespace monolite::image
