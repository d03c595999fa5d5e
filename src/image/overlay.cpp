#include "image/overlay.h"

#include <algorithm>

#include "image/draw.h"

namespace monolite::image {

void tint(Image& image, const Mask& mask, std::span<const Color> colors, int background) {
  for (int32_t y = 0; y < image.height; ++y) {
    const uint16_t* label = mask.row(y);
    uint8_t* pixel = image.at(0, y);
    for (int32_t x = 0; x < image.width; ++x, pixel += 3) {
      if (label[x] == background || label[x] >= colors.size()) continue;
      const Color c = colors[label[x]];
      pixel[0] = static_cast<uint8_t>((pixel[0] + c.r + 1) / 2);
      pixel[1] = static_cast<uint8_t>((pixel[1] + c.g + 1) / 2);
      pixel[2] = static_cast<uint8_t>((pixel[2] + c.b + 1) / 2);
    }
  }
}

void draw_legend(Image& image, std::span<const LegendEntry> entries) {
  const int scale = text_scale(image);
  const int32_t line = text_height(scale) + 2 * scale, edge = 3 * scale, swatch = 7 * scale;
  const auto fits = static_cast<size_t>(std::max(0, (image.height * 2 / 3 - 2 * edge) / line));
  entries = entries.first(std::min(fits, entries.size()));
  int32_t widest = 0;
  for (const LegendEntry& e : entries) widest = std::max(widest, text_width(e.name, scale));
  const int32_t width = 3 * edge + swatch + widest;
  if (entries.empty() || width > image.width) return;
  const int32_t height = 2 * edge + static_cast<int32_t>(entries.size()) * line - 2 * scale;
  const int32_t top = image.height - height;
  fill(image, {0, top, width, height}, {0, 0, 0}, 160);
  for (size_t i = 0; i < entries.size(); ++i) {
    const int32_t y = top + edge + static_cast<int32_t>(i) * line;
    // A light rim: dark colours would be lost on the dark box.
    fill(image, {edge, y, swatch, swatch}, {160, 160, 160});
    fill(image, {edge + scale, y + scale, swatch - 2 * scale, swatch - 2 * scale}, entries[i].color);
    text(image, 2 * edge + swatch, y, entries[i].name, {255, 255, 255}, scale);
  }
}

void draw_boxes(Image& image, std::span<const LabelledBox> boxes) {
  const int scale = text_scale(image);
  for (size_t i = boxes.size(); i-- > 0;) {
    const LabelledBox& box = boxes[i];
    outline(image, box.rect, box.color, 2 * scale);
    const int32_t height = text_height(scale) + scale;
    const int32_t above = box.rect.top - height;
    const int32_t x = std::clamp(box.rect.left, 0, std::max(0, image.width - 1));
    const int32_t y = above >= 0 ? above : std::max(box.rect.top, 0);
    fill(image, {x, y, text_width(box.label, scale) + 3 * scale, height}, box.color);
    text(image, x + 2 * scale, y + scale, box.label, readable_on(box.color), scale);
  }
}

}  // namespace monolite::image
