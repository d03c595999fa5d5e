#pragma once
// How far a rewritten model's outputs are from those of the model that it was made from.

#include <cstdint>
#include <string>
#include <vector>

namespace monolite {

struct Verified {
  struct Output {
    std::string name;
    bool is_label = false;
    int64_t elements = 0, differing = 0;
    double largest = 0;  // in steps of the quantization, or in reals for float outputs
  };
  std::string inputs;   // what both models ran on: "cat.jpg", "3 made-up inputs"; "" where they did not run
  std::string backend;  // "reference", or "fast" for large models
  std::string why_not;  // why they did not
  std::vector<Output> outputs;
  bool is_identical = false;
};

}  // namespace monolite
