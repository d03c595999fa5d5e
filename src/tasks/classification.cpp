#include <algorithm>

#include "tasks/answers.h"
#include "tasks/output.h"

namespace monolite::tasks {

std::vector<ClassScore> top_classes(const ops::Value& output, const Quantization& quantization, int top) {
  const int64_t classes = output.shape.rank() > 0 && output.shape.elements() > 0 ? output.shape.back(0) : 0;
  std::vector<ClassScore> scores;
  for (int64_t i = 0; i < classes; ++i) scores.push_back({i, real_number(output, quantization, i)});
  const auto kept = top < 0 ? scores.size() : std::min(scores.size(), static_cast<size_t>(top));
  // NaN last: they compare with nothing, and sorting needs an order.
  const auto is_better = [](const ClassScore& a, const ClassScore& b) {
    if (a.score != a.score || b.score != b.score) return a.score == a.score && b.score != b.score;
    return a.score > b.score;
  };
  std::stable_sort(scores.begin(), scores.end(), is_better);
  scores.resize(kept);
  return scores;
}

}  // namespace monolite::tasks
