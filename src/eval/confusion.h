#pragma once
// Counts of labels by prediction, and what follows from them.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace monolite::eval {

// How often pixels of one class were given which label. The last column counts predictions that are no class.
class Confusion {
 public:
  explicit Confusion(int classes);

  // Adds pixels. Labels that are `ignore_label` or no class do not count.
  //
  //   predicted  as many as labels; any value
  void add(std::span<const uint8_t> labels, std::span<const uint16_t> predicted, int ignore_label);
  void add(const Confusion& other);  // of as many classes

  int classes() const { return classes_; }
  int columns() const { return classes_ + 1; }
  int64_t at(int label, int predicted) const { return counts_[index(label, predicted)]; }
  int64_t row(int label) const;
  int64_t column(int predicted) const;
  int64_t total() const;

 private:
  size_t index(int label, int predicted) const {
    return static_cast<size_t>(label) * static_cast<size_t>(columns()) + static_cast<size_t>(predicted);
  }
  int classes_;
  std::vector<int64_t> counts_;
};

struct ClassScore {
  int64_t pixels = 0, predicted = 0, right = 0;  // labelled so, predicted so, both
  std::optional<double> iou, accuracy;           // nothing where no pixel could tell
};

struct Scores {
  std::vector<ClassScore> classes;
  double miou = 0;            // mean over the classes that occur in labels or predictions (as tf.metrics.mean_iou)
  double mean_accuracy = 0;   // mean over the classes that occur in labels
  double pixel_accuracy = 0;  // right pixels of all that count
  int64_t pixels = 0, right = 0;
};

// Each figure is one division of counts; means add in the order of the classes.
Scores scores(const Confusion& confusion);

}  // namespace monolite::eval
