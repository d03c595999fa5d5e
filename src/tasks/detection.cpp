#include <algorithm>
#include <cmath>

#include "tasks/answers.h"
#include "tasks/output.h"

namespace monolite::tasks {
namespace {

// A place in the model's input, 0 … 1, to the picture's pixels.
int32_t to_pixels(double place, int32_t input, int32_t to, int32_t from, int32_t offset, int32_t most) {
  const double pixel = place * input / to * from + offset;
  if (std::isnan(pixel)) return 0;
  return static_cast<int32_t>(std::lround(std::clamp(pixel, 0.0, static_cast<double>(most))));
}

image::Rect to_picture(const double (&box)[4], const Feed& f) {
  const image::Placement& p = f.placement;
  const auto vertical = [&](double y) {
    return to_pixels(y, f.input_height, p.to_height, p.from.height, p.from.top, f.picture_height);
  };
  const auto horizontal = [&](double x) {
    return to_pixels(x, f.input_width, p.to_width, p.from.width, p.from.left, f.picture_width);
  };
  const int32_t top = vertical(box[0]), left = horizontal(box[1]), bottom = vertical(box[2]),
                right = horizontal(box[3]);
  return {left, top, std::max(0, right - left), std::max(0, bottom - top)};
}

}  // namespace

Expected<std::vector<Box>> boxes(std::span<const ops::Value> outputs, const DetectionOutputs& which, const Feed& feed,
                                 double least_score) {
  const ops::Value &places = outputs[which.boxes], &classes = outputs[which.classes], &scores = outputs[which.scores],
                   &count = outputs[which.count];
  const int64_t most = std::min(classes.shape.elements(), scores.shape.elements());
  if (places.shape.elements() < 4 * most || count.shape.elements() < 1) {
    return Unexpected(input_error("the model's outputs", to_string(places.shape) + ", " + to_string(classes.shape),
                                  "boxes [1,N,4], classes [1,N], scores [1,N] and a count",
                                  "take the raw outputs with --dump-outputs"));
  }
  const double stated = stored_number(count, 0);
  const int64_t n = stated >= 0 && stated < static_cast<double>(most) ? static_cast<int64_t>(stated) : most;
  std::vector<Box> found;
  for (int64_t i = 0; i < n; ++i) {
    const double score = stored_number(scores, i), label = stored_number(classes, i);
    if (!(score >= least_score) || !(std::abs(label) < 1e6)) continue;
    double box[4];
    for (int64_t k = 0; k < 4; ++k) box[k] = stored_number(places, 4 * i + k);
    found.push_back({to_picture(box, feed), static_cast<int64_t>(label), score});
  }
  std::stable_sort(found.begin(), found.end(), [](const Box& a, const Box& b) { return a.score > b.score; });
  return found;
}

}  // namespace monolite::tasks
