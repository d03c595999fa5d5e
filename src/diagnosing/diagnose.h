#pragma once
// Which known faults explain a mask that came from elsewhere: each is made on purpose, alone and in pairs, and what the
// model gives then is compared with the mask.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "diagnosing/faults.h"
#include "image/image.h"

namespace monolite::diagnosing {

struct Explanation {
  std::vector<std::string> faults, mends;  // none: the model as it should be
  int64_t unexplained = 0;                 // pixels that differ all the same
};

struct Diagnosis {
  int64_t pixels = 0;  // that were compared
  std::vector<Explanation>
      explanations;  // the fewest unexplained pixels first; one fault more has to explain 0.1 % more
  int inferences = 0;
  bool is_complete = true;  // false: pairs were left out when the time was up
};

struct Limits {
  std::chrono::milliseconds time = std::chrono::seconds(60);
  std::function<void(int done, int of)> progress;  // may be empty
};

// `found` is a mask of the model's own size, of the picture's size, or of any other: it is brought to the model's by
// taking the nearest pixel.
//
// Pairs are tried only where no single fault leaves less than 0.1 % of the pixels.
//
// Errors: a model that gives no label map; a picture that cannot be fed.
Expected<Diagnosis> diagnose(const Model& model, const Subject& subject, const image::Mask& found,
                             const Limits& limits = {});

}  // namespace monolite::diagnosing
