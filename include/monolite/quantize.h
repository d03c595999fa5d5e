#pragma once
// Another integer type for a model that is quantized already.

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "monolite/verified.h"

namespace monolite {

struct QuantizeOptions {
  std::string model, output;           // paths; output "" writes none
  std::string to = "int8";             // the type inside
  std::string io = "int8";             // of inputs and outputs: int8, uint8 or float32
  std::string wide_weights = "exact";  // "exact": an input channel is given twice where a weight does not fit int8;
                                       // "requantize": the output channel gets a larger scale
  std::vector<std::string> inputs;     // pictures or .npy files to compare on; none: made up
  std::string command;                 // kept in the file's receipt
};

struct QuantizeReport {
  std::string file, output;
  int activations = 0, filters = 0;  // tensors that were changed
  struct Layer {
    std::string op, name;           // name: of the filter
    int64_t weights = 0, wide = 0;  // of all, and those that do not fit int8
    int repeated_inputs = 0;        // input channels given twice: exact
    int requantized_channels = 0;   // output channels with a larger scale
    double largest_error = 0;       // of a requantized weight, in steps of the uint8 one
  };
  std::vector<Layer> layers;  // those with weights that do not fit; all others are exact
  int64_t macs_before = 0, macs_after = 0;
  std::string interface_change;  // what the model's user has to do differently
  Verified verified;
};

// Makes an int8 model of a uint8 one, compares both, and writes it with a receipt in its metadata.
//
// Errors: the file cannot be read, is no uint8 model, or holds a layer that has no int8 form; an unknown type; a
// verification input that does not fit.
Expected<QuantizeReport> quantize_file(const QuantizeOptions& options);

}  // namespace monolite
