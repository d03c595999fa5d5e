#pragma once
// SavedModel folders: saved_model.pb (or .pbtxt) and variables/.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "tensorflow/checkpoint.h"
#include "tensorflow/graph.h"

namespace monolite::tensorflow {

struct SignatureTensor {
  std::string key, tensor;  // "images", "ImageTensor:0"
  DataType dtype = DataType::invalid;
  PartialShape shape;
};

struct Signature {
  std::vector<SignatureTensor> inputs, outputs;
};

struct SavedModel {
  Graph graph;
  std::map<std::string, Signature> signatures;
  std::optional<Checkpoint> variables;  // where the model has some
  // For models of TensorFlow 2: the checkpoint's key of each variable, by the name that the graph gives its node or the
  // variable.
  std::map<std::string, std::string> variable_keys;
};

// Reads the meta graph that has all `tags` (usually "serve").
//
// Errors: no SavedModel; no meta graph with these tags (those that exist are named); damaged variables.
Expected<SavedModel> read_saved_model(const std::string& folder, const std::vector<std::string>& tags);

}  // namespace monolite::tensorflow
