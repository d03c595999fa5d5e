#pragma once
// The same picture through a TensorFlow graph and through the model made of it.

#include <string>

#include "base/expected.h"
#include "ir/graph.h"
#include "tensorflow/graph.h"

namespace monolite {

struct TestImage {
  std::string path;                      // of a picture; it is stretched to the model's input
  std::string input, output;             // tensors of the graph that the model begins and ends with
  double mean = 127.5, std_dev = 127.5;  // of a float input: (value - mean) / deviation
};

// The share of equal labels in the first output; where it has scores, of equal best classes. The picture goes in at
// ImageTensor where the graph has it, else at `input`.
//
// Errors: no picture, an input that takes none, a graph that cannot be run.
Expected<double> equal_share(const tensorflow::Graph& graph, const Model& model, const TestImage& test);

}  // namespace monolite
