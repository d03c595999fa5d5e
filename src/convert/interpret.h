#pragma once
// Runs a TensorFlow graph.

#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "ops/evaluate.h"
#include "tensorflow/graph.h"

namespace monolite::conversion {

struct Feed {
  std::string tensor;  // "ImageTensor"
  ops::Value value;
};

// The values of `outputs` where the feeds' tensors have these values. Nodes run as the graph has them, on the reference
// kernels: batch norms are not folded, FakeQuant nodes round as they did in training.
//
// Errors: those of select.h and lowering.h; more memory than ops/limits.h allows.
Expected<std::vector<ops::Value>> run_graph(const tensorflow::Graph& graph, const std::vector<Feed>& feeds,
                                            const std::vector<std::string>& outputs);

}  // namespace monolite::conversion
