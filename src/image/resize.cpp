#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace monolite::image {
namespace {

constexpr int kFractionBits = 22;  // weights of 22 bits times 8-bit pixels sum up in 32
constexpr double kCropFraction = 0.875;

// For each output position: which inputs it reads, and their weights in fixed point.
struct Taps {
  struct Run {
    int32_t first = 0, count = 0;
    size_t weights = 0;
  };
  std::vector<Run> runs;
  std::vector<int32_t> weights;
};

Taps triangle_taps(int32_t from, int32_t size, int32_t out) {
  Taps taps;
  taps.runs.reserve(static_cast<size_t>(out));
  const double scale = static_cast<double>(size) / out;
  const double support = std::max(scale, 1.0);
  std::vector<double> raw;
  for (int32_t i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int32_t first = std::max(0, static_cast<int32_t>(center - support + 0.5));
    const int32_t end = std::min(size, static_cast<int32_t>(center + support + 0.5));
    raw.clear();
    double sum = 0;
    for (int32_t x = first; x < end; ++x) {
      const double distance = std::abs((x - center + 0.5) * (1.0 / support));
      raw.push_back(distance < 1.0 ? 1.0 - distance : 0.0);
      sum += raw.back();
    }
    taps.runs.push_back({from + first, end - first, taps.weights.size()});
    for (const double w : raw) {
      taps.weights.push_back(static_cast<int32_t>(0.5 + (sum != 0 ? w / sum : w) * (1 << kFractionBits)));
    }
  }
  return taps;
}

uint8_t to_pixel(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255)); }

void resize_row(const uint8_t* in, const Taps& taps, uint8_t* out) {
  for (const Taps::Run& run : taps.runs) {
    const int32_t* weight = taps.weights.data() + run.weights;
    const uint8_t* pixel = in + 3 * int64_t{run.first};
    int32_t sum[3] = {1 << (kFractionBits - 1), 1 << (kFractionBits - 1), 1 << (kFractionBits - 1)};
    for (int32_t k = 0; k < run.count; ++k, pixel += 3) {
      for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * weight[k];
    }
    for (int c = 0; c < 3; ++c) *out++ = to_pixel(sum[c]);
  }
}

// `rows` begins with the row `first_row` of the picture.
void mix_rows(const Image& rows, int32_t first_row, const Taps::Run& run, const int32_t* weight,
              std::vector<int32_t>& sums, uint8_t* out) {
  std::fill(sums.begin(), sums.end(), 1 << (kFractionBits - 1));
  for (int32_t k = 0; k < run.count; ++k) {
    const uint8_t* row = rows.at(0, run.first - first_row + k);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += row[i] * weight[k];
  }
  for (size_t i = 0; i < sums.size(); ++i) out[i] = to_pixel(sums[i]);
}

Expected<void> check(int64_t width, int64_t height) {
  if (width > 0 && height > 0 && width * height <= kMostPixels) return {};
  return Unexpected(input_error("scaling a picture", "a result of " + size_text(width, height) + " pixels",
                                "1 to " + std::to_string(kMostPixels) + " pixels"));
}

std::vector<int32_t> nearest_positions(int32_t from, int32_t size, int32_t out) {
  std::vector<int32_t> positions(static_cast<size_t>(out));
  for (int64_t i = 0; i < out; ++i) {
    positions[static_cast<size_t>(i)] = from + static_cast<int32_t>((2 * i + 1) * size / (2 * int64_t{out}));
  }
  return positions;
}

int32_t rounded(double value, int32_t most) { return std::clamp(static_cast<int32_t>(std::lround(value)), 1, most); }

}  // namespace

Expected<Image> resize_bilinear(const Image& image, Rect from, int32_t width, int32_t height) {
  ML_TRY(check(width, height));
  const Taps columns = triangle_taps(from.left, from.width, width);
  const Taps rows = triangle_taps(from.top, from.height, height);
  const int32_t first_row = rows.runs.front().first;
  const int32_t row_count = rows.runs.back().first + rows.runs.back().count - first_row;
  ML_TRY(check(width, row_count));
  Image wide(width, row_count);
  for (int32_t y = 0; y < row_count; ++y) resize_row(image.at(0, first_row + y), columns, wide.at(0, y));
  Image out(width, height);
  std::vector<int32_t> sums(static_cast<size_t>(width) * 3);
  for (int32_t y = 0; y < height; ++y) {
    const Taps::Run& run = rows.runs[static_cast<size_t>(y)];
    mix_rows(wide, first_row, run, rows.weights.data() + run.weights, sums, out.at(0, y));
  }
  return out;
}

Expected<Image> resize_bilinear(const Image& image, int32_t width, int32_t height) {
  if (width == image.width && height == image.height) return image;
  return resize_bilinear(image, {0, 0, image.width, image.height}, width, height);
}

Expected<Image> resize_nearest(const Image& image, Rect from, int32_t width, int32_t height) {
  ML_TRY(check(width, height));
  const auto columns = nearest_positions(from.left, from.width, width),
             rows = nearest_positions(from.top, from.height, height);
  Image out(width, height);
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      std::memcpy(out.at(x, y), image.at(columns[static_cast<size_t>(x)], rows[static_cast<size_t>(y)]), 3);
    }
  }
  return out;
}

Expected<Mask> resize_nearest(const Mask& mask, Rect from, int32_t width, int32_t height) {
  ML_TRY(check(width, height));
  const auto columns = nearest_positions(from.left, from.width, width),
             rows = nearest_positions(from.top, from.height, height);
  Mask out(width, height);
  for (int32_t y = 0; y < height; ++y) {
    const uint16_t* row = mask.row(rows[static_cast<size_t>(y)]);
    for (int32_t x = 0; x < width; ++x) out.row(y)[x] = row[columns[static_cast<size_t>(x)]];
  }
  return out;
}

Placement place(Fit fit, int32_t width, int32_t height, int32_t target_width, int32_t target_height) {
  const Rect whole{0, 0, width, height};
  if (fit == Fit::stretch) return {whole, target_width, target_height};
  if (fit == Fit::pad && width <= target_width && height <= target_height) return {whole, width, height};
  const double across = static_cast<double>(target_width) / width, down = static_cast<double>(target_height) / height;
  if (fit == Fit::fit || fit == Fit::pad) {
    const double scale = std::min(across, down);
    return {whole, rounded(width * scale, target_width), rounded(height * scale, target_height)};
  }
  const double scale = std::max(across, down) / kCropFraction;
  const int32_t w = rounded(target_width / scale, width), h = rounded(target_height / scale, height);
  return {{(width - w) / 2, (height - h) / 2, w, h}, target_width, target_height};
}

}  // namespace monolite::image
