#include "ops/non_max_suppression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>

#include "ops/work.h"

namespace monolite::ops {
namespace {

using namespace nms;  // NOLINT: the names of the inputs

struct Box {
  float top, left, bottom, right;
  float area() const { return (bottom - top) * (right - left); }
};

Box box_at(const float* boxes, int32_t i) {
  const float* b = boxes + int64_t{i} * 4;
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

// Intersection over union; 0 where a box is empty.
float overlap(const Box& a, const Box& b) {
  if (a.area() <= 0 || b.area() <= 0) return 0;
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float both = std::max(height, 0.0f) * std::max(width, 0.0f);
  return both / (a.area() + b.area() - both);
}

struct Candidate {
  int32_t index;
  float score;
  int32_t compared;  // with so many of the taken boxes
  bool operator<(const Candidate& other) const { return score < other.score; }
};

class Suppression {
 public:
  Suppression(const Evaluation& n, float sigma)
      : boxes_(n.data<float>(kBoxes)),
        most_overlap_(n.data<float>(kOverlap)[0]),
        least_score_(n.data<float>(kLeastScore)[0]),
        decay_(sigma > 0 ? static_cast<float>(-0.5 / sigma) : 0) {}

  // Lowers the candidate's score by the taken boxes that it was not compared with, the last first. Returns false where
  // one of them covers it.
  bool compare(Candidate& c, const int32_t* taken, int32_t count) const {
    const Box box = box_at(boxes_, c.index);
    for (int32_t j = count - 1; j >= c.compared; --j) {
      const float shared = overlap(box, box_at(boxes_, taken[j]));
      if (shared >= most_overlap_) return false;
      if (decay_ != 0) c.score *= std::exp(decay_ * shared * shared);
      if (c.score <= least_score_) break;
    }
    c.compared = count;
    return true;
  }
  bool counts(float score) const { return score > least_score_; }

 private:
  const float* boxes_;
  float most_overlap_, least_score_, decay_;
};

}  // namespace

Expected<void> verify_suppression(const NodeView& n, int inputs) {
  ML_TRY(n.expect_inputs(inputs, inputs));
  for (int i = 0; i < inputs; ++i) {
    ML_TRY(n.expect_dtype(i, {i == kMost ? DType::int32 : DType::float32}));
    ML_TRY(n.expect_rank(i, i == kBoxes ? 2 : i == kScores ? 1 : 0));
  }
  const Shape& boxes = n.shape(kBoxes);
  if (boxes[1] != 4) return Unexpected(n.fail_input(kBoxes, "shape " + to_string(boxes), "4 numbers a box"));
  if (boxes[0] == n.shape(kScores)[0]) return {};
  return Unexpected(
      n.fail_input(kScores, fmt::format("{} scores", n.shape(kScores)[0]), fmt::format("{}, one a box", boxes[0])));
}

Expected<int32_t> most_boxes(const NodeView& n) {
  ML_ASSIGN(const int64_t most, n.int_scalar(kMost));
  if (most >= 0) return static_cast<int32_t>(most);
  return Unexpected(n.fail_input(kMost, fmt::format("{} boxes", most), "0 or more"));
}

int64_t suppression_visits(const NodeView& n) {
  return saturated_product({n.shape(kBoxes)[0], std::min(n.output_shape(0)[0], n.shape(kBoxes)[0]), 8});
}

int32_t suppress(const Evaluation& n, float sigma, int32_t* indices, float* scores) {
  const Suppression suppression(n, sigma);
  const float* all = n.data<float>(kScores);
  std::priority_queue<Candidate, std::deque<Candidate>> queue;
  for (int32_t i = 0; i < n.shape(kScores)[0]; ++i) {
    if (suppression.counts(all[i])) queue.push({i, all[i], 0});
  }
  const int32_t room = n.output_shape(0)[0];
  const auto most = static_cast<int32_t>(std::min<size_t>(queue.size(), static_cast<size_t>(room)));
  int32_t taken = 0;
  while (taken < most && !queue.empty()) {
    Candidate c = queue.top();
    queue.pop();
    const float before = c.score;
    if (!suppression.compare(c, indices, taken)) continue;
    if (c.score == before) {
      indices[taken] = c.index;
      if (scores != nullptr) scores[taken] = c.score;
      ++taken;
    }
    // A box just taken comes back too, and is covered by itself, unless it is empty: that one is taken again.
    if (suppression.counts(c.score)) queue.push(c);
  }
  std::fill(indices + taken, indices + room, 0);
  if (scores != nullptr) std::fill(scores + taken, scores + room, 0.0f);
  return taken;
}

}  // namespace monolite::ops
