#pragma once
// A mask from elsewhere looks wrong: which known fault explains it.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct DiagnoseOptions {
  std::string model, image;
  std::string output;    // what the device gave: .npy, a PNG of labels, raw bytes, or a folder of .npy
  double enough = 0.99;  // the part of the pixels that an explanation has to cover
  std::function<void(int done, int of)> progress;  // may be empty
};

struct DiagnoseReport {
  std::string model, image, output;
  int64_t pixels = 0;     // that were compared
  int64_t differing = 0;  // without any fault
  struct Explanation {
    std::vector<std::string> faults, mends;  // none: the model as it should be
    int64_t unexplained = 0;                 // pixels that differ all the same
  };
  std::vector<Explanation> explanations;  // the fewest unexplained pixels first
  int inferences = 0;
  bool is_complete = true;    // false: pairs of faults were left out when the time was up
  bool is_explained = false;  // does the first cover enough?
};

// Makes each known fault on purpose, alone and in pairs, and compares what the model gives then with `output`.
//
// Errors: a file that cannot be used; a model with several inputs or without a label map or scores.
Expected<DiagnoseReport> diagnose(const DiagnoseOptions& options);

}  // namespace monolite
