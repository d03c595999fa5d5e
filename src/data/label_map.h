#pragma once
// Labels of one numbering in another.

#include <array>
#include <cstdint>
#include <string>

#include "base/expected.h"

namespace monolite::data {

class LabelMap {
 public:
  static constexpr int kNoLabels = 256, kIgnored = -1;

  // Every label as it is.
  LabelMap();
  // "7=0,8=1,0=ignore,*=ignore", in which * stands for the labels that are not named; or "cityscapes": its label
  // numbers (7 road … 33 bicycle) to training labels, or "ade20k-mlperf": labels of 32 and more are ignored.
  //
  // Errors: something else, the same label twice, numbers above 255.
  static Expected<LabelMap> parse(const std::string& text);

  // The new label, or kIgnored.
  int operator[](int label) const { return to_[static_cast<size_t>(label)]; }
  void set(int from, int to) { to_[static_cast<size_t>(from)] = to; }
  bool is_identity() const;

 private:
  std::array<int, kNoLabels> to_;
};

// Cityscapes' 34 label numbers to its 19 training labels; all else is ignored.
LabelMap cityscapes_training_labels();

}  // namespace monolite::data
