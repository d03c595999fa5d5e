#pragma once
// A checkpoint of DeepLab -> a frozen graph, as research/deeplab's export_model.py makes it.

#include <string>
#include <vector>

#include "base/expected.h"
#include "nets/deeplab.h"
#include "tensorflow/checkpoint.h"
#include "tensorflow/graph.h"

namespace monolite::conversion {

struct ExportRequest {
  nets::DeepLabOptions net;
  bool quantize = false;  // FakeQuant nodes with the checkpoint's ranges
  // For new exports: a graph whose resizes and ArgMax more targets take. Trained weights expect align_corners.
  bool align_corners = true;
  bool argmax_int32 = false;
  // Several views of the picture, enlarged or reduced and perhaps mirrored too: labels of their mean probabilities.
  std::vector<double> scales = {1.0};
  bool add_flipped = false;
};

struct Exported {
  tensorflow::Graph graph;
  std::vector<std::string> remarks;
};

// From ImageTensor to SemanticPredictions, pre- and post-processing included.
//
// Errors: variables that are missing or have another shape, named with what was expected.
Expected<Exported> export_deeplab(const tensorflow::Checkpoint& checkpoint, const ExportRequest& request);

}  // namespace monolite::conversion
