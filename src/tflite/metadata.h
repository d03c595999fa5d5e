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

// What set_metadata changes; what is empty stays as it is.
struct MetadataChange {
  std::vector<float> mean, std;  // of input 0
  std::string labels;            // the text of a label file, one label a line
  size_t labelled_output = 0;
  bool labels_are_of_values = false;  // the output holds labels; else its last axis has an element a label
};

// Changes the model's metadata, or begins one, and packs the label file behind the model as "labels.txt". All else that
// is stated, and the other packed files, stay.
//
// Errors: there is metadata that is broken.
Expected<void> set_metadata(Model& model, const MetadataChange& change);

}  // namespace monolite::tflite
