#include "eval/confusion.h"

#include <algorithm>
#include <numeric>

namespace monolite::eval {
namespace {

double ratio(int64_t part, int64_t all) { return static_cast<double>(part) / static_cast<double>(all); }

struct Mean {
  double sum = 0;
  int count = 0;
  void add(double value) { sum += value, ++count; }
  double value() const { return count == 0 ? 0 : sum / count; }
};

}  // namespace

Confusion::Confusion(int classes)
    : classes_(classes), counts_(static_cast<size_t>(classes) * static_cast<size_t>(classes + 1)) {}

void Confusion::add(std::span<const uint8_t> labels, std::span<const uint16_t> predicted, int ignore_label) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == ignore_label || labels[i] >= classes_) continue;
    ++counts_[index(labels[i], std::min<int>(predicted[i], classes_))];
  }
}

void Confusion::add(const Confusion& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

int64_t Confusion::row(int label) const {
  int64_t sum = 0;
  for (int p = 0; p < columns(); ++p) sum += at(label, p);
  return sum;
}

int64_t Confusion::column(int predicted) const {
  int64_t sum = 0;
  for (int c = 0; c < classes_; ++c) sum += at(c, predicted);
  return sum;
}

int64_t Confusion::total() const { return std::accumulate(counts_.begin(), counts_.end(), int64_t{0}); }

Scores scores(const Confusion& confusion) {
  Scores s;
  s.pixels = confusion.total();
  Mean iou, accuracy;
  for (int c = 0; c < confusion.classes(); ++c) {
    ClassScore score{confusion.row(c), confusion.column(c), confusion.at(c, c), {}, {}};
    const int64_t either = score.pixels + score.predicted - score.right;
    if (either > 0) iou.add(*(score.iou = ratio(score.right, either)));
    if (score.pixels > 0) accuracy.add(*(score.accuracy = ratio(score.right, score.pixels)));
    s.right += score.right;
    s.classes.push_back(score);
  }
  s.miou = iou.value();
  s.mean_accuracy = accuracy.value();
  s.pixel_accuracy = s.pixels == 0 ? 0 : ratio(s.right, s.pixels);
  return s;
}

}  // namespace monolite::eval
