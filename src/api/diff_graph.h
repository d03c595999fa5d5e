#pragma once
// A model beside the TensorFlow graph that it was made of.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "ops/evaluate.h"
#include "tensorflow/graph.h"

namespace monolite {

// Does the path name a GraphDef (.pb, .pbtxt)?
bool is_graph_file(const std::string& path);

// For each node of the model's first graph the graph's node that computes the same, by the names that converters leave:
// "aspp0/Relu;aspp0/BatchNorm/…" or "aspp0/Relu". "" where no name is the graph's.
std::vector<std::string> counterparts(const Model& model, const tensorflow::Graph& graph);

// The graph's values of the model's outputs on the model's inputs, tensors being those of the same names. Quantized
// inputs go in as the real numbers that they stand for, unless the graph takes integers.
//
// Errors: an input or output that the graph does not name; a graph that cannot be run.
Expected<std::vector<ops::Value>> run_like(const Model& model, const tensorflow::Graph& graph,
                                           const std::vector<ops::Value>& inputs);

}  // namespace monolite
