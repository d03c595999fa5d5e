#pragma once
// Integers for a float model (post-training quantization), and int8 for a uint8 one.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "monolite/eval.h"
#include "monolite/post_training.h"
#include "monolite/verified.h"

namespace monolite {

struct QuantizeOptions {
  std::string model, output;           // paths; output "" writes none
  std::string to = "int8";             // the type inside: int8, uint8, int16x8, float16 or dynamic
  std::string io;                      // of inputs and outputs: int8, uint8 or float32; "": int8 and uint8 inside
                                       // have their own type, all others float32
  std::string wide_weights = "exact";  // "exact": an input channel is given twice where a weight does not fit int8;
                                       // "requantize": the output channel gets a larger scale
  CalibrationOptions calibration;      // of a float model
  // With a data set: the accuracy of both models on it, for segmentation. Its model is not read.
  EvalSegmentationOptions labelled;
  std::vector<std::string> inputs;  // pictures or .npy files to compare on; none: made up
  std::string command;              // kept in the file's receipt
};

struct QuantizeReport {
  std::string file, output;
  int64_t bytes_before = 0, bytes_after = 0;
  // Of a float model; what follows below is then empty, but for the verification.
  std::optional<PostTrainingReport> post_training;

  struct Accuracy {
    std::string data;  // what it was measured on, in words
    int64_t samples = 0;
    double miou = 0, pixel_accuracy = 0, mean_accuracy = 0;
  };
  std::optional<Accuracy> accuracy_before, accuracy_after;

  // Of a uint8 model:
  int activations = 0, filters = 0;  // tensors that were changed
  struct Layer {
    std::string op, name;           // name: of the filter
    int64_t weights = 0, wide = 0;  // of all, and those that do not fit int8
    int repeated_inputs = 0;        // input channels given twice: exact
    int requantized_channels = 0;   // output channels with a larger scale
    double largest_error = 0;       // of a requantized weight, in steps of the uint8 one
  };
  // Convolutions whose int8 multiplier is the uint8 kernel's to the last bit, and those for which no scales were found;
  // both 0 where it was not tried. By how much a scale inside was moved for it, relative.
  int matched_multipliers = 0, unmatched_multipliers = 0;
  double largest_scale_change = 0;
  std::vector<Layer> layers;  // those with weights that do not fit; all others are exact
  int64_t macs_before = 0, macs_after = 0;
  std::string interface_change;  // what the model's user has to do differently
  Verified verified;
};

// Makes an integer or smaller model of a float one, or an int8 model of a uint8 one; compares both, and writes it with
// a receipt in its metadata.
//
// Errors: the file cannot be read, is quantized otherwise, or holds nothing that could be changed; an unknown type; a
// float model without samples to calibrate with; samples or verification inputs that do not fit.
Expected<QuantizeReport> quantize_file(const QuantizeOptions& options);

}  // namespace monolite
