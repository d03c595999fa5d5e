#pragma once
// From a frozen TensorFlow graph to a .tflite.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "monolite/post_training.h"

namespace monolite {

struct ConvertOptions {
  // One of these: a GraphDef (.pb or .pbtxt), or the folder of a SavedModel.
  std::string graph_def_file, saved_model_dir;
  std::string saved_model_tag_set = "serve";              // tags, with commas
  std::string saved_model_signature = "serving_default";  // gives inputs and outputs where none are named
  std::string output_file;                                // .tflite
  bool is_default_input = false;  // input_arrays is a default: another DeepLab backbone's beginning is as good
  std::vector<std::string> input_arrays, output_arrays;  // "node" or "node:1"; empty: the graph's own ends
  std::vector<std::vector<int>> input_shapes;            // in the order of input_arrays; else as the graph has them
  std::string inference_type = "FLOAT";                  // or QUANTIZED_UINT8 (UINT8), INT8
  std::string inference_input_type;                      // "": as inference_type
  // Of quantized inputs: real = (value - mean) / standard deviation.
  std::vector<double> mean_values, std_dev_values;
  std::optional<double> default_ranges_min, default_ranges_max;
  bool change_concat_input_ranges = false;
  std::string concat = "toco";  // or "mlir": inputs of another scale are requantized
  bool allow_custom_ops = false;
  std::vector<std::string> without_passes;  // passes that are left out, by name
  bool post_training_quantize = false;      // a float model with int8 filters
  bool quantize_to_float16 = false;         // a float model with float16 constants
  std::string output_format = "TFLITE";     // or GRAPHVIZ_DOT
  // With a folder: the graph's float model becomes QUANTIZED_UINT8 or INT8 with ranges that are calibrated on it.
  // Pixels become reals by mean_values and std_dev_values where they are given.
  CalibrationOptions calibration;
  std::string test_image_path;  // a picture that goes through graph and model, to compare
};

struct ConvertReport {
  struct Pass {
    std::string name;
    int changed = 0;  // how often it found its pattern
    double ms = 0;
    bool is_left_out = false;
  };
  std::vector<Pass> passes;  // in the order in which they ran
  std::string file;          // what was written
  int64_t bytes = 0, nodes = 0;
  std::vector<std::string> inputs, outputs;         // "name: uint8 1x513x513x3"
  std::optional<double> equal_share;                // of the first output's labels, on the test picture
  std::optional<PostTrainingReport> post_training;  // of a calibrated model
  std::vector<std::string> remarks;                 // what a user should know
};

// Reads a graph, converts it and writes the .tflite.
//
// Errors: the graph cannot be read; an operator without a lowering; activations without a range; options that
// contradict.
Expected<ConvertReport> convert(const ConvertOptions& options);

}  // namespace monolite
