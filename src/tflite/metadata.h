#pragma once
// What a model says about itself: TensorFlow Lite's metadata, and the files packed behind it.

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"

namespace monolite::tflite {

// What is said of one input or output.
struct TensorMetadata {
  std::string name, description;
  std::vector<float> mean, std;          // how an input was normalized, one value or one a channel: (x - mean) / std
  std::vector<std::string> label_files;  // names of associated files with the labels of the tensor's values
};

struct Metadata {
  std::string name, description, version, author, license;
  std::vector<TensorMetadata> inputs, outputs;  // in the order of the first graph's; may be fewer
};

// The metadata in a model; nothing where there is none.
//
// Errors: the buffer is there and broken.
Expected<std::optional<Metadata>> read_metadata(const Model& model);

}  // namespace monolite::tflite
