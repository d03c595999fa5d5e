#pragma once
// A model as text, and back, without loss.

#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct Dump {
  std::string text;
  std::vector<std::string> left_out;  // fields of a newer schema than ours: "Operator, field 17"
};

// The text of a .tflite: graphs, options, scales to the last bit, every buffer as base64.
//
// Errors: the file cannot be used.
Expected<Dump> dump(const std::string& model);

// Writes the .tflite that such a text describes.
//
// Errors: the file cannot be used: no such text, or one that describes no valid model.
Expected<void> build(const std::string& text_file, const std::string& out);

}  // namespace monolite
