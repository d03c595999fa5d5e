#include "augment.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>

namespace monolite::train {
namespace {

constexpr uint8_t kMeanPixel = 128;

// Uniform in [0, 1), the same with every standard library.
double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

int below(std::mt19937_64& random, int end) { return std::min(static_cast<int>(uniform(random) * end), end - 1); }

double draw_scale(const Augmentation& how, std::mt19937_64& random) {
  if (how.min_scale >= how.max_scale) return how.min_scale;
  if (how.scale_step <= 0) return how.min_scale + uniform(random) * (how.max_scale - how.min_scale);
  const int steps = static_cast<int>((how.max_scale - how.min_scale) / how.scale_step + 1);
  return std::min(how.min_scale + below(random, steps) * how.scale_step, how.max_scale);
}

// Where a row or column of the crop lies in the sample.
struct Place {
  int first = 0, second = 0, nearest = 0;
  float weight = 0;  // of the second
  bool inside = false;
};

// Where each row of the crop lies, which begins at row `start` of the sample brought from `extent` rows to `scaled`.
std::vector<Place> places(int extent, int scaled, int crop, int start) {
  const double step = scaled > 1 ? static_cast<double>(extent - 1) / (scaled - 1) : 0;
  std::vector<Place> all(static_cast<size_t>(crop));
  for (int i = 0; i < crop; ++i) {
    Place& p = all[static_cast<size_t>(i)];
    p.inside = start + i < scaled;
    if (!p.inside) continue;
    const double at = std::min((start + i) * step, extent - 1.0);
    p.first = static_cast<int>(at);
    p.second = std::min(p.first + 1, extent - 1);
    p.weight = static_cast<float>(at - p.first);
    p.nearest = static_cast<int>(std::lround(at));
  }
  return all;
}

void fill(const Sample& s, const std::vector<Place>& rows, const std::vector<Place>& columns, bool mirrors,
          uint8_t ignore_label, uint8_t* image, uint8_t* labels) {
  const auto pixel = [&](int y, int x) { return s.image.data() + (static_cast<size_t>(y) * s.width + x) * 3; };
  const size_t width = columns.size();
  for (const Place& r : rows) {
    for (size_t i = 0; i < width; ++i, image += 3, ++labels) {
      const Place& c = columns[mirrors ? width - 1 - i : i];
      if (!r.inside || !c.inside) {
        image[0] = image[1] = image[2] = kMeanPixel;
        *labels = ignore_label;
        continue;
      }
      const uint8_t *a = pixel(r.first, c.first), *b = pixel(r.first, c.second), *d = pixel(r.second, c.first),
                    *e = pixel(r.second, c.second);
      for (int k = 0; k < 3; ++k) {
        const float top = a[k] + (b[k] - a[k]) * c.weight, bottom = d[k] + (e[k] - d[k]) * c.weight;
        image[k] = static_cast<uint8_t>(top + (bottom - top) * r.weight + 0.5f);
      }
      *labels = s.labels[static_cast<size_t>(r.nearest) * s.width + c.nearest];
    }
  }
}

std::vector<Place> drawn_places(int extent, double scaled_extent, int crop, std::mt19937_64& random) {
  const int scaled = std::max(static_cast<int>(scaled_extent), 1);
  return places(extent, scaled, crop, scaled > crop ? below(random, scaled - crop + 1) : 0);
}

}  // namespace

std::pair<int, int> resized_extents(const Augmentation& how, int height, int width) {
  if (how.min_resize <= 0 || height < 1 || width < 1) return {height, width};
  const auto scaled = [&](double scale) {
    return std::pair(static_cast<int>(std::floor(height * scale)), static_cast<int>(std::floor(width * scale)));
  };
  auto [h, w] = scaled(static_cast<double>(how.min_resize) / std::min(height, width));
  if (how.max_resize > 0 && std::max(h, w) > how.max_resize)
    std::tie(h, w) = scaled(static_cast<double>(how.max_resize) / std::max(height, width));
  const auto whole = [&](int extent) {
    const int f = how.resize_factor;
    return f > 0 ? extent + (f - (extent - 1) % f) % f : extent;
  };
  return {whole(std::max(h, 1)), whole(std::max(w, 1))};
}

void augment(const Sample& sample, const Augmentation& how, uint64_t seed, int height, int width, uint8_t* image,
             uint8_t* labels) {
  std::mt19937_64 random(seed);
  const double scale = draw_scale(how, random);
  const auto [h, w] = resized_extents(how, sample.height, sample.width);
  const auto rows = drawn_places(sample.height, h * scale, height, random),
             columns = drawn_places(sample.width, w * scale, width, random);
  fill(sample, rows, columns, how.mirrors && uniform(random) < 0.5, how.ignore_label, image, labels);
}

void fit(const Sample& sample, uint8_t ignore_label, int height, int width, uint8_t* image, uint8_t* labels) {
  const double scale = std::min(static_cast<double>(height) / sample.height, static_cast<double>(width) / sample.width);
  const auto along = [&](int extent, int crop) {
    return places(extent, std::clamp(static_cast<int>(std::lround(extent * scale)), 1, crop), crop, 0);
  };
  fill(sample, along(sample.height, height), along(sample.width, width), false, ignore_label, image, labels);
}

void place(const Sample& sample, uint8_t ignore_label, int height, int width, uint8_t* image, uint8_t* labels) {
  const auto along = [](int extent, int crop) {
    std::vector<Place> all(static_cast<size_t>(crop));
    for (int i = 0; i < std::min(extent, crop); ++i) all[static_cast<size_t>(i)] = {i, i, i, 0, true};
    return all;
  };
  fill(sample, along(sample.height, height), along(sample.width, width), false, ignore_label, image, labels);
}

}  // namespace monolite::train
