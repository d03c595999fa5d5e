#pragma once
// Labelled pictures by number, wherever they come from.

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite::data {

struct Sample {
  int height = 0, width = 0;
  std::vector<uint8_t> image;   // [height, width, 3]
  std::vector<uint8_t> labels;  // [height, width]
  std::string name;             // the picture's file, or what stands for it in messages
};

class Source {
 public:
  virtual ~Source() = default;
  virtual int64_t size() const = 0;
  // Errors name the file. Threads: may be called from several.
  virtual Expected<Sample> load(int64_t index) const = 0;
};

// Errors: a label that is neither a class (0 to classes - 1) nor `ignore_label` (-1: there is none).
Expected<void> check_labels(const Sample& sample, int classes, int ignore_label);

}  // namespace monolite::data
