#include "eval/confusion_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "image/draw.h"

namespace monolite::eval {
namespace {

constexpr image::Color kWhite{255, 255, 255}, kBlack{20, 20, 20}, kGrey{120, 120, 120}, kLine{225, 225, 225};
constexpr image::Color kRight{8, 81, 156}, kWrong{165, 15, 21};  // full strength on and beside the diagonal
constexpr int kMargin = 12, kMostLetters = 18;

// Few classes get large cells with figures in them.
int cell_size(int classes) { return classes <= 12 ? 56 : classes <= 24 ? 36 : classes <= 50 ? 18 : 10; }

std::string cut(const std::string& name) {
  return name.size() <= kMostLetters ? name : name.substr(0, kMostLetters - 2) + "..";
}

// Letters below each other do not fit beside many columns: names above stand on their heads, turned by 90 degrees.
void text_upwards(image::Image& to, int x, int bottom, const std::string& words, image::Color color) {
  image::Image line(image::text_width(words, 1) + 1, image::text_height(1), kWhite);
  image::text(line, 0, 0, words, color, 1);
  for (int i = 0; i < line.width; ++i) {
    for (int j = 0; j < line.height; ++j) {
      const int tx = x + j, ty = bottom - i;
      if (tx < 0 || ty < 0 || tx >= to.width || ty >= to.height) continue;
      std::copy_n(line.at(i, j), 3, to.at(tx, ty));
    }
  }
}

image::Color shade(double share, image::Color full) {
  // Small shares are what one looks for: the square root lifts them.
  const double s = std::sqrt(std::clamp(share, 0.0, 1.0));
  const auto mix = [s](uint8_t to) { return static_cast<uint8_t>(std::lround(255 + (to - 255) * s)); };
  return {mix(full.r), mix(full.g), mix(full.b)};
}

std::string percent(double share) {
  const double p = 100 * share;
  return p >= 99.95 ? "100" : p >= 9.95 ? fmt::format("{:.0f}", p) : fmt::format("{:.1f}", p);
}

}  // namespace

image::Image draw(const Confusion& confusion, std::span<const std::string> names) {
  const int classes = confusion.classes(), cell = cell_size(classes);
  bool has_others = false;
  for (int c = 0; c < classes; ++c) has_others |= confusion.at(c, classes) > 0;
  const int columns = classes + (has_others ? 1 : 0);
  std::vector<std::string> rows;
  for (int c = 0; c < classes; ++c) {
    const auto i = static_cast<size_t>(c);
    rows.push_back(cut(i < names.size() && !names[i].empty() ? names[i] : fmt::format("label {}", c)));
  }
  std::vector<std::string> heads = rows;
  heads.emplace_back("no class");
  int room = 0;
  for (const std::string& name : heads) room = std::max(room, image::text_width(name, 1));
  const int line = image::text_height(1), left = kMargin + line + 6 + room + 8, top = kMargin + line + 6 + room + 8;
  image::Image p(left + columns * cell + 60, top + classes * cell + kMargin, kWhite);
  image::text(p, left, kMargin, "predicted, % of the label's pixels", kGrey, 1);
  text_upwards(p, kMargin, top + std::min(classes * cell, 120), "labelled", kGrey);
  image::text(p, left + columns * cell + 10, top - line - 6, "IoU", kGrey, 1);
  for (int c = 0; c < columns; ++c)
    text_upwards(p, left + c * cell + (cell - line) / 2, top - 6, heads[static_cast<size_t>(c)], kBlack);
  const Scores s = scores(confusion);
  for (int r = 0; r < classes; ++r) {
    const std::string& name = rows[static_cast<size_t>(r)];
    const int y = top + r * cell, middle = y + (cell - line) / 2;
    if (cell >= line) image::text(p, left - 8 - image::text_width(name, 1), middle, name, kBlack, 1);
    const ClassScore& score = s.classes[static_cast<size_t>(r)];
    if (score.iou) image::text(p, left + columns * cell + 10, middle, fmt::format("{:.4f}", *score.iou), kBlack, 1);
    for (int c = 0; c < columns; ++c) {
      const double share =
          score.pixels == 0 ? 0 : static_cast<double>(confusion.at(r, c)) / static_cast<double>(score.pixels);
      const image::Rect square{left + c * cell, y, cell, cell};
      const image::Color color = shade(share, r == c ? kRight : kWrong);
      image::fill(p, square, color);
      image::outline(p, square, kLine, 1);
      const std::string figure = percent(share);
      if (confusion.at(r, c) == 0 || image::text_width(figure, 1) + 4 > cell) continue;
      image::text(p, square.left + (cell - image::text_width(figure, 1)) / 2, middle, figure, image::readable_on(color),
                  1);
    }
  }
  return p;
}

}  // namespace monolite::eval
