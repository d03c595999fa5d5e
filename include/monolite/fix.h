#pragma once
// The whole story of a model that a delegate does not take: what is refused, the rewritten file, the proof on a
// picture, and what to run next.

#include <string>
#include <vector>

#include "base/expected.h"
#include "monolite/legalize.h"

namespace monolite {

struct FixOptions {
  std::string model;    // path of a .tflite
  std::string image;    // a picture to prove it on; "": made-up inputs
  std::string target;   // one
  std::string output;   // the rewritten file; "": the model's name with the target's behind it, in the current folder
  std::string picture;  // the picture of the results side by side; "": the output's name, .png
  std::string command;  // kept in the file's receipt
};

struct FixReport {
  LegalizeReport legalized;
  std::string fed;  // how the picture was fed

  // Labels of a segmentation model on the picture; `pixels` is 0 for other models and without a picture.
  std::string picture;
  int64_t pixels = 0;
  int64_t object_pixels = 0;      // that the original model gives another label than 0
  bool has_published = false;     // the model has align_corners, which the published fix drops
  int64_t published_changed = 0;  // labels that the published fix changes
  int64_t changed = 0;            // labels that this file changes

  std::vector<std::string> next;  // commands to paste
};

// Legalizes a model for a target with LegalizeOptions' defaults, and shows on a picture what changes.
//
// Errors: those of legalize_file(); a picture that cannot be used.
Expected<FixReport> fix_file(const FixOptions& options);

}  // namespace monolite
