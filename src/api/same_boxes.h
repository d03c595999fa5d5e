#pragma once
// Which of a detector's boxes another model finds too.

#include <cstdint>
#include <span>

#include "ops/evaluate.h"
#include "tasks/task.h"

namespace monolite {

struct SameBoxes {
  int64_t boxes = 0, found = 0;

  // Boxes of `before` with a score of 0.3 or more (all where none has it), and those of them that `after` has with the
  // same class and an intersection over union of at least 0.5; a box is found once. Outputs as
  // TFLite_Detection_PostProcess gives them, float32; others add nothing.
  void add(std::span<const ops::Value> before, std::span<const ops::Value> after, const tasks::DetectionOutputs& which);
};

}  // namespace monolite
