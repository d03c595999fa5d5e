#include "image/exif.h"

#include <cstring>
#include <optional>

namespace monolite::image {
namespace {

constexpr uint16_t kOrientationTag = 0x0112;

// Numbers of either byte order out of a TIFF block, with every position checked.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::optional<uint32_t> number(size_t position, size_t width) const {
    if (position > bytes_.size() || width > bytes_.size() - position) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const size_t from = is_big_endian() ? i : width - 1 - i;
      value = value << 8 | static_cast<uint8_t>(bytes_[position + from]);
    }
    return value;
  }

 private:
  bool is_big_endian() const { return !bytes_.empty() && bytes_[0] == std::byte{'M'}; }
  std::span<const std::byte> bytes_;
};

std::optional<int> find_orientation(const Tiff& tiff) {
  const auto directory = tiff.number(4, 4);
  if (!directory) return std::nullopt;
  const auto entries = tiff.number(*directory, 2);
  if (!entries) return std::nullopt;
  for (uint32_t i = 0; i < *entries; ++i) {
    const size_t entry = size_t{*directory} + 2 + size_t{12} * i;
    const auto tag = tiff.number(entry, 2);
    if (!tag) return std::nullopt;
    if (*tag != kOrientationTag) continue;
    const auto value = tiff.number(entry + 8, 2);
    if (!value) return std::nullopt;
    return static_cast<int>(*value);
  }
  return std::nullopt;
}

}  // namespace

int exif_orientation(std::span<const std::byte> segment) {
  static constexpr char kMark[] = {'E', 'x', 'i', 'f', 0, 0};
  if (segment.size() < sizeof kMark || std::memcmp(segment.data(), kMark, sizeof kMark) != 0) return 1;
  const int found = find_orientation(Tiff(segment.subspan(sizeof kMark))).value_or(1);
  return found >= 1 && found <= 8 ? found : 1;
}

Image upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool swaps = orientation >= 5;
  Image turned(swaps ? image.height : image.width, swaps ? image.width : image.height);
  // Where the stored pixel to show at (x, y) lies: mirrored along an axis, after swapping where the camera lay on its
  // side.
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int32_t y = 0; y < turned.height; ++y) {
    for (int32_t x = 0; x < turned.width; ++x) {
      const int32_t column = swaps ? y : x, row = swaps ? x : y;
      std::memcpy(turned.at(x, y),
                  image.at(from_right ? image.width - 1 - column : column, from_bottom ? image.height - 1 - row : row),
                  3);
    }
  }
  return turned;
}

}  // namespace monolite::image
