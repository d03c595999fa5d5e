#include "image/palette.h"

#include <array>

namespace monolite::image {
namespace {

// 0xRRGGBB each, as the data sets publish them.
constexpr std::array<uint32_t, 19> kCityscapes = {
    0x804080, 0xF423E8, 0x464646, 0x66669C, 0xBE9999, 0x999999, 0xFAAA1E, 0xDCDC00, 0x6B8E23, 0x98FB98,
    0x4682B4, 0xDC143C, 0xFF0000, 0x00008E, 0x000046, 0x003C64, 0x005064, 0x0000E6, 0x770B20,
};
constexpr std::array<uint32_t, 150> kAde20k = {
    0x787878, 0xB47878, 0x06E6E6, 0x503232, 0x04C803, 0x787850, 0x8C8C8C, 0xCC05FF, 0xE6E6E6, 0x04FA07, 0xE005FF,
    0xEBFF07, 0x96053D, 0x787846, 0x08FF33, 0xFF0652, 0x8FFF8C, 0xCCFF04, 0xFF3307, 0xCC4603, 0x0066C8, 0x3DE6FA,
    0xFF0633, 0x0B66FF, 0xFF0747, 0xFF09E0, 0x0907E6, 0xDCDCDC, 0xFF095C, 0x7009FF, 0x08FFD6, 0x07FFE0, 0xFFB806,
    0x0AFF47, 0xFF290A, 0x07FFFF, 0xE0FF08, 0x6608FF, 0xFF3D06, 0xFFC207, 0xFF7A08, 0x00FF14, 0xFF0829, 0xFF0599,
    0x0633FF, 0xEB0CFF, 0xA09614, 0x00A3FF, 0x8C8C8C, 0xFA0A0F, 0x14FF00, 0x1FFF00, 0xFF1F00, 0xFFE000, 0x99FF00,
    0x0000FF, 0xFF4700, 0x00EBFF, 0x00ADFF, 0x1F00FF, 0x0BC8C8, 0xFF5200, 0x00FFF5, 0x003DFF, 0x00FF70, 0x00FF85,
    0xFF0000, 0xFFA300, 0xFF6600, 0xC2FF00, 0x008FFF, 0x33FF00, 0x0052FF, 0x00FF29, 0x00FFAD, 0x0A00FF, 0xADFF00,
    0x00FF99, 0xFF5C00, 0xFF00FF, 0xFF00F5, 0xFF0066, 0xFFAD00, 0xFF0014, 0xFFB8B8, 0x001FFF, 0x00FF3D, 0x0047FF,
    0xFF00CC, 0x00FFC2, 0x00FF52, 0x000AFF, 0x0070FF, 0x3300FF, 0x00C2FF, 0x007AFF, 0x00FFA3, 0xFF9900, 0x00FF0A,
    0xFF7000, 0x8FFF00, 0x5200FF, 0xA3FF00, 0xFFEB00, 0x08B8AA, 0x8500FF, 0x00FF5C, 0xB800FF, 0xFF001F, 0x00B8FF,
    0x00D6FF, 0xFF0070, 0x5CFF00, 0x00E0FF, 0x70E0FF, 0x46B8A0, 0xA300FF, 0x9900FF, 0x47FF00, 0xFF00A3, 0xFFCC00,
    0xFF008F, 0x00FFEB, 0x85FF00, 0xFF00EB, 0xF500FF, 0xFF007A, 0xFFF500, 0x0ABED4, 0xD6FF00, 0x00CCFF, 0x1400FF,
    0xFFFF00, 0x0099FF, 0x0029FF, 0x00FFCC, 0x2900FF, 0x29FF00, 0xAD00FF, 0x00F5FF, 0x4700FF, 0x7A00FF, 0x00FFB8,
    0x005CFF, 0xB8FF00, 0x0085FF, 0xFFD600, 0x19C2C2, 0x66FF00, 0x5C00FF,
};

constexpr Color color(uint32_t rgb) {
  return {static_cast<uint8_t>(rgb >> 16), static_cast<uint8_t>(rgb >> 8), static_cast<uint8_t>(rgb)};
}

template <size_t N>
constexpr std::array<Color, N> colors(const std::array<uint32_t, N>& from) {
  std::array<Color, N> to = {};
  for (size_t i = 0; i < N; ++i) to[i] = color(from[i]);
  return to;
}

// A hue in [0, 6) at the given brightness and with the given share of white.
Color from_hue(double hue, double brightness, double white) {
  const auto part = [&](double shift) {
    double h = hue + shift;
    if (h >= 6) h -= 6;
    const double full = h < 1 ? h : h < 3 ? 1 : h < 4 ? 4 - h : 0;
    return static_cast<uint8_t>(255 * brightness * (white + (1 - white) * full));
  };
  return {part(2), part(0), part(4)};
}

}  // namespace

Color pascal_color(int label) {
  int channel[3] = {};
  for (int bit = 7; bit >= 0; --bit, label >>= 3) {
    for (int c = 0; c < 3; ++c) channel[c] |= (label >> c & 1) << bit;
  }
  return {static_cast<uint8_t>(channel[0]), static_cast<uint8_t>(channel[1]), static_cast<uint8_t>(channel[2])};
}

std::span<const Color> cityscapes_colors() {
  static constexpr auto kColors = colors(kCityscapes);
  return kColors;
}

std::span<const Color> ade20k_colors() {
  static constexpr auto kColors = colors(kAde20k);
  return kColors;
}

std::vector<Color> distinct_colors() {
  // Steps of the golden angle keep neighbours apart however many are taken.
  constexpr double kGoldenStep = 6 * 0.6180339887498949;
  constexpr struct { double brightness, white; } kShades[] = {{1.0, 0.0}, {0.75, 0.25}, {0.55, 0.0}, {0.95, 0.5}};
  std::vector<Color> colors{Color{}};
  double hue = 0;
  while (colors.size() < 256) {
    const auto& shade = kShades[(colors.size() - 1) / 10 % 4];
    colors.push_back(from_hue(hue, shade.brightness, shade.white));
    hue += kGoldenStep;
    while (hue >= 6) hue -= 6;
  }
  return colors;
}

}  // namespace monolite::image
