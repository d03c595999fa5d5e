#include <algorithm>
#include <cmath>

#include "tasks/answers.h"
#include "tasks/output.h"

namespace monolite::tasks {
namespace {

uint16_t as_label(double value) {
  return std::isnan(value) ? uint16_t{0} : static_cast<uint16_t>(std::clamp(std::round(value), 0.0, 65535.0));
}

// Of scores the first of the highest, as ARG_MAX has it.
uint16_t label_at(const ops::Value& output, int64_t pixel, int32_t classes) {
  if (classes == 1) return as_label(stored_number(output, pixel));
  int32_t highest = 0;
  double highest_score = stored_number(output, pixel * classes);
  for (int32_t c = 1; c < classes; ++c) {
    const double score = stored_number(output, pixel * classes + c);
    if (score > highest_score) {
      highest = c;
      highest_score = score;
    }
  }
  return static_cast<uint16_t>(std::min(highest, 65535));
}

}  // namespace

Expected<image::Mask> output_labels(const ops::Value& output) {
  const Shape& s = output.shape;
  if (s.rank() < 3 || s.rank() > 4 || s.elements() <= 0 || size_bytes(output.dtype) == 0 ||
      int64_t{s[1]} * s[2] > image::kMostPixels) {
    return Unexpected(input_error("the model's output", to_string(s), "labels [1,H,W] or scores [1,H,W,C]",
                                  "take the raw outputs with --dump-outputs"));
  }
  const int32_t classes = s.rank() == 4 ? s[3] : 1;
  image::Mask small(s[2], s[1]);
  for (size_t i = 0; i < small.labels.size(); ++i) small.labels[i] = label_at(output, static_cast<int64_t>(i), classes);
  return small;
}

image::Rect seen_part(const image::Mask& mask, const Feed& feed) {
  const auto part = [](int32_t extent, int32_t to, int32_t of) {
    return std::clamp(static_cast<int32_t>(std::lround(static_cast<double>(extent) * to / of)), 1, extent);
  };
  return {0, 0, part(mask.width, feed.placement.to_width, feed.input_width),
          part(mask.height, feed.placement.to_height, feed.input_height)};
}

Expected<image::Mask> in_picture(const image::Mask& small, const Feed& feed) {
  const image::Rect from = feed.placement.from;
  ML_ASSIGN(image::Mask seen, image::resize_nearest(small, seen_part(small, feed), from.width, from.height));
  if (from.width == feed.picture_width && from.height == feed.picture_height) return seen;
  image::Mask mask(feed.picture_width, feed.picture_height);
  std::fill(mask.labels.begin(), mask.labels.end(), kUnseen);
  for (int32_t y = 0; y < from.height; ++y) std::copy_n(seen.row(y), from.width, mask.row(from.top + y) + from.left);
  return mask;
}

Expected<image::Mask> segmentation_mask(const ops::Value& output, const Feed& feed) {
  ML_ASSIGN(const image::Mask small, output_labels(output));
  return in_picture(small, feed);
}

std::vector<LabelShare> label_shares(const image::Mask& mask, image::Rect seen) {
  std::vector<int64_t> pixels(65536);
  for (int32_t y = seen.top; y < seen.top + seen.height; ++y) {
    const uint16_t* row = mask.row(y);
    for (int32_t x = seen.left; x < seen.left + seen.width; ++x) ++pixels[row[x]];
  }
  std::vector<LabelShare> shares;
  const double all = static_cast<double>(seen.width) * seen.height;
  for (size_t label = 0; label < pixels.size(); ++label) {
    if (pixels[label] == 0) continue;
    shares.push_back({static_cast<int64_t>(label), pixels[label], static_cast<double>(pixels[label]) / all});
  }
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.pixels > b.pixels; });
  return shares;
}

}  // namespace monolite::tasks
