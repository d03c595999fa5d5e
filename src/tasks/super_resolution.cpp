#include <algorithm>
#include <cmath>

#include "tasks/answers.h"
#include "tasks/output.h"

namespace monolite::tasks {
namespace {

uint8_t to_pixel(double real, const Normalization& n, size_t channel) {
  const auto of = [&](const std::vector<float>& v) { return static_cast<double>(v[v.size() == 1 ? 0 : channel]); };
  const double pixel = real * of(n.std) + of(n.mean);
  return std::isnan(pixel) ? uint8_t{0} : static_cast<uint8_t>(std::lround(std::clamp(pixel, 0.0, 255.0)));
}

}  // namespace

Expected<image::Image> enlarged_picture(const ops::Value& output, const Quantization& quantization, const Feed& feed) {
  const Shape& s = output.shape;
  if (s.rank() != 4 || s[3] != 3 || s.elements() <= 0 || int64_t{s[1]} * s[2] > image::kMostPixels) {
    return Unexpected(input_error("the model's output", to_string(s), "a picture [1,H,W,3]",
                                  "take the raw outputs with --dump-outputs"));
  }
  const auto part = [](int64_t extent, int32_t to, int32_t of) {
    return static_cast<int32_t>(std::clamp<int64_t>(extent * to / of, 1, extent));
  };
  image::Image picture(part(s[2], feed.placement.to_width, feed.input_width),
                       part(s[1], feed.placement.to_height, feed.input_height));
  for (int32_t y = 0; y < picture.height; ++y) {
    for (int32_t x = 0; x < picture.width; ++x) {
      const int64_t first = (int64_t{y} * s[2] + x) * 3;
      for (size_t c = 0; c < 3; ++c) {
        picture.at(x, y)[c] =
            to_pixel(real_number(output, quantization, first + static_cast<int64_t>(c)), feed.normalization, c);
      }
    }
  }
  return picture;
}

}  // namespace monolite::tasks
