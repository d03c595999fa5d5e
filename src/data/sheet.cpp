#include "data/sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "image/draw.h"
#include "image/overlay.h"
#include "image/resize.h"

namespace monolite::data {
namespace {

constexpr int kCell = 240, kGap = 10, kCaption = 14, kMost = 100;
constexpr image::Color kPaper{250, 250, 250}, kInk{30, 30, 30}, kIgnored{255, 0, 255};

void paste(image::Image& to, const image::Image& from, int x, int y) {
  for (int row = 0; row < from.height; ++row) std::copy_n(from.at(0, row), 3 * from.width, to.at(x, y + row));
}

struct Seen {
  std::array<int64_t, 256> pixels{};
};

// The picture and, beside it, the same with its labels over it; where labels are ignored it is magenta.
Expected<image::Image> draw_one(const Sample& s, const Dataset& d, std::span<const image::Color> colors, Seen& seen) {
  image::Image picture;
  picture.width = s.width;
  picture.height = s.height;
  picture.rgb = s.image;
  image::Mask mask(s.width, s.height);
  std::copy(s.labels.begin(), s.labels.end(), mask.labels.begin());
  for (const uint8_t label : s.labels) ++seen.pixels[label];
  const image::Placement p = image::place(image::Fit::fit, s.width, s.height, kCell, kCell);
  ML_ASSIGN(image::Image small, image::resize_bilinear(picture, p.to_width, p.to_height));
  ML_ASSIGN(const image::Mask labels, image::resize_nearest(mask, p.from, p.to_width, p.to_height));
  std::vector<image::Color> all(colors.begin(), colors.end());
  all.resize(256);
  if (d.ignore_label >= 0) all[static_cast<size_t>(d.ignore_label)] = kIgnored;
  image::Image both(2 * p.to_width + 2, p.to_height, kPaper);
  paste(both, small, 0, 0);
  image::tint(small, labels, all, -1);
  paste(both, small, p.to_width + 2, 0);
  return both;
}

std::string name_of(const Sample& s) {
  std::string name = std::filesystem::path(s.name).filename().string();
  const auto most = static_cast<size_t>(2 * kCell / image::text_width("m", 1));
  return name.size() <= most ? name : name.substr(0, most - 2) + "..";
}

void draw_classes(image::Image& sheet, int top, const Dataset& d, const Seen& seen, std::span<const std::string> names,
                  std::span<const image::Color> colors) {
  int x = kGap, y = top;
  for (int label = 0; label < 256; ++label) {
    const auto i = static_cast<size_t>(label);
    if (seen.pixels[i] == 0) continue;
    const bool is_ignored = label == d.ignore_label;
    const std::string name = is_ignored ? "ignored" : i < names.size() ? names[i] : fmt::format("label {}", label);
    const int width = 18 + image::text_width(name, 1);
    if (x > kGap && x + width > sheet.width - kGap) x = kGap, y += kCaption + 2;
    image::fill(sheet, {x, y, 12, 10}, is_ignored ? kIgnored : i < colors.size() ? colors[i] : image::Color{});
    image::outline(sheet, {x, y, 12, 10}, kInk, 1);
    image::text(sheet, x + 16, y, name, kInk, 1);
    x += width + 12;
  }
}

}  // namespace

Expected<image::Image> draw_samples(const Dataset& d, int64_t first, int count, std::span<const std::string> names,
                                    std::span<const image::Color> colors) {
  const int64_t last = std::min(first + std::clamp(count, 1, kMost), d.source->size());
  std::vector<std::pair<std::string, image::Image>> cells;
  Seen seen;
  for (int64_t i = first; i < last; ++i) {
    ML_ASSIGN(const Sample s, d.source->load(i));
    if (d.classes > 0) ML_TRY(check_labels(s, d.classes, d.ignore_label));
    ML_ASSIGN(image::Image drawn, draw_one(s, d, colors, seen));
    cells.emplace_back(name_of(s), std::move(drawn));
  }
  const int columns = cells.size() <= 2 ? 1 : cells.size() <= 8 ? 2 : 3;
  const int cell = 2 * kCell + 2 + kGap;
  std::vector<int> tops{kGap};
  for (size_t i = 0; i < cells.size(); i += static_cast<size_t>(columns)) {
    int height = 0;
    for (size_t k = i; k < std::min(i + static_cast<size_t>(columns), cells.size()); ++k)
      height = std::max(height, cells[k].second.height);
    tops.push_back(tops.back() + height + kCaption + kGap);
  }
  const auto kinds = std::count_if(seen.pixels.begin(), seen.pixels.end(), [](int64_t n) { return n > 0; });
  const int legend_lines = 1 + static_cast<int>(kinds) * 110 / (columns * cell);
  image::Image sheet(kGap + columns * cell, tops.back() + legend_lines * (kCaption + 2) + kGap, kPaper);
  for (size_t i = 0; i < cells.size(); ++i) {
    const int x = kGap + static_cast<int>(i % static_cast<size_t>(columns)) * cell,
              y = tops[i / static_cast<size_t>(columns)];
    image::text(sheet, x, y, cells[i].first, kInk, 1);
    paste(sheet, cells[i].second, x, y + kCaption);
  }
  draw_classes(sheet, tops.back(), d, seen, names, colors);
  return sheet;
}

}  // namespace monolite::data
