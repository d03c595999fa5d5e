#pragma once
// What one step of training sees.

#include <cstdint>
#include <vector>

namespace monolite::train {

// Pictures and their labels, all of one size.
struct Batch {
  int count = 0, height = 0, width = 0;
  std::vector<uint8_t> images;  // [count, height, width, 3]
  std::vector<uint8_t> labels;  // [count, height, width]; empty where only the logits are asked for

  size_t pixels() const {
    return static_cast<size_t>(count) * static_cast<size_t>(height) * static_cast<size_t>(width);
  }
};

}  // namespace monolite::train
