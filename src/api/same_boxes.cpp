#include "api/same_boxes.h"

#include <algorithm>
#include <vector>

namespace monolite {
namespace {

constexpr double kSure = 0.3, kOverlap = 0.5;

struct Box {
  double top = 0, left = 0, bottom = 0, right = 0, score = 0;
  int64_t label = 0;

  double area() const { return std::max(0.0, bottom - top) * std::max(0.0, right - left); }
};

bool is_float(const ops::Value& v) { return v.dtype == DType::float32; }

std::vector<Box> boxes_of(std::span<const ops::Value> outputs, const tasks::DetectionOutputs& which) {
  if (outputs.size() <= std::max({which.boxes, which.classes, which.scores, which.count})) return {};
  const ops::Value &places = outputs[which.boxes], &classes = outputs[which.classes], &scores = outputs[which.scores],
                   &count = outputs[which.count];
  if (!is_float(places) || !is_float(classes) || !is_float(scores) || !is_float(count)) return {};
  if (count.data.size_bytes() < sizeof(float)) return {};
  const size_t room = std::min({places.data.size_bytes() / (4 * sizeof(float)),
                                classes.data.size_bytes() / sizeof(float), scores.data.size_bytes() / sizeof(float)});
  const float stated = count.data.get<float>(0);
  const size_t number = stated > 0 ? std::min(room, static_cast<size_t>(std::min(stated, 1e6f))) : 0;
  std::vector<Box> boxes;
  for (size_t i = 0; i < number; ++i) {
    const auto edge = [&](size_t k) { return double{places.data.get<float>(4 * i + k)}; };
    boxes.push_back({edge(0), edge(1), edge(2), edge(3), scores.data.get<float>(i),
                     static_cast<int64_t>(std::clamp(classes.data.get<float>(i), -1e6f, 1e6f))});
  }
  return boxes;
}

double overlap(const Box& a, const Box& b) {
  const Box both{std::max(a.top, b.top), std::max(a.left, b.left), std::min(a.bottom, b.bottom),
                 std::min(a.right, b.right)};
  const double all = a.area() + b.area() - both.area();
  return all > 0 ? both.area() / all : 0;
}

}  // namespace

void SameBoxes::add(std::span<const ops::Value> before, std::span<const ops::Value> after,
                    const tasks::DetectionOutputs& which) {
  const std::vector<Box> wanted = boxes_of(before, which), given = boxes_of(after, which);
  const bool has_sure = std::any_of(wanted.begin(), wanted.end(), [](const Box& b) { return b.score >= kSure; });
  std::vector<bool> taken(given.size());
  for (const Box& b : wanted) {
    if (has_sure && b.score < kSure) continue;
    ++boxes;
    for (size_t i = 0; i < given.size(); ++i) {
      if (taken[i] || given[i].label != b.label || overlap(b, given[i]) < kOverlap) continue;
      taken[i] = true;
      ++found;
      break;
    }
  }
}

}  // namespace monolite
