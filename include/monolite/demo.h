#pragma once
// The whole way from a checkpoint to a mask, on a model and a picture that come with the project.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct DemoStep {
  std::string what;               // "export: checkpoint -> frozen graph"
  std::string command;            // what a user would type; "" where there is no verb
  std::vector<std::string> said;  // what came out, in lines
  double seconds = 0;
};

struct DemoOptions {
  std::string checkpoint;                        // a folder with the model's checkpoint
  std::string out;                               // a folder to write to; made if absent
  uint64_t seed = 5;                             // of the scene
  std::function<void(const DemoStep&)> on_step;  // called when a step is done; may be empty
};

struct DemoReport {
  std::string picture, overlay, truth, model;  // files that were written
  std::string before, after;                   // the run order as the target cuts it
  int64_t labels = 0, changed = 0;             // of the legalized model beside the converted one
  double right = 0;                            // the part of the pixels with the scene's true label
  double fused_ms = 0, unfused_ms = 0;         // one inference, medians, one thread
  std::vector<DemoStep> steps;
};

// Makes a street scene, exports and converts the checkpoint, checks, legalizes, runs and times the model.
//
// Errors: those of the steps.
Expected<DemoReport> demo(const DemoOptions& options);

}  // namespace monolite
