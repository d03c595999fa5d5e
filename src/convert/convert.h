#pragma once
// A TensorFlow graph -> a model, in one call.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "convert/lowering.h"
#include "convert/pipeline.h"
#include "tensorflow/graph.h"

namespace monolite::conversion {

enum class InferenceType { float32, uint8, int8 };

struct Request {
  std::vector<std::string> inputs, outputs;  // "node" or "node:output"; empty: the graph's own ends
  std::vector<Shape> input_shapes;           // of the first inputs; others come from the graph
  InferenceType type = InferenceType::float32;
  bool float_inputs = false;            // uint8 inside, float at the inputs
  std::vector<double> means, std_devs;  // of the inputs, in their order; the last one stands for all that follow
  std::optional<std::pair<double, double>> default_range;
  bool change_concat_input_ranges = false;
  bool requantize_concat_inputs = false;  // as the newer converter does
  bool allow_custom_ops = false;
  std::vector<std::string> without_passes;               // of pass_names()
  bool is_calibrated = false;                            // ranges are measured afterwards; the type is float32 here
  bool int8_filters = false, float16_constants = false;  // of a float model: see quantize_weights.h
};

struct Converted {
  Model model;
  std::vector<std::string> remarks;  // what a user should know
  std::vector<PassRun> passes;       // in the order in which they ran
};

// Cuts, lowers, cleans, and quantizes where asked. The model is verified: every operator that this program computes has
// inputs that it takes.
//
// Errors: those of select.h, lowering.h and quantize.h.
Expected<Converted> convert(const tensorflow::Graph& graph, const Request& request);

// The shape that a node's output has whatever the size of the picture at the graph's beginning: DeepLab's preprocessing
// pads to the crop. Nothing where it depends on the picture.
std::optional<Shape> shape_by_preprocessing(const tensorflow::Graph& graph, const NodeIndex& index,
                                            const std::string& tensor);

}  // namespace monolite::conversion
