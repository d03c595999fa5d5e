#pragma once
// A finished model changed by hand: cut at named tensors, other types at its border, other names.

#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct EditOptions {
  std::string model, out;
  std::string out_tail;  // with `split`: `out` is the head
  std::string command;   // for the receipt in the file; may be empty

  bool detach_detection = false;             // end before the detection post-processing
  bool attach_detection = false;             // end with it
  std::string anchors;                       // .npy of shape Nx4, or .tflite that has them; "": SSD MobileNet's
  std::vector<std::string> inputs, outputs;  // names of tensors that become the ends; none: as they are
  std::vector<std::string> split;            // names of the tensors between head and tail
  bool strip_quantize = false;               // QUANTIZE and DEQUANTIZE at the border go
  std::string io;                            // "float32", "uint8" or "int8": the type of both ends; "": as it is
  std::vector<std::pair<std::string, std::string>> renames;
  std::vector<float> mean, std;  // stated of input 0: (x - mean) / std; one value, or one a channel
  std::string labels;            // file of labels that is packed into the model
};

struct EditReport {
  struct File {
    std::string file;
    int nodes = 0;
    std::vector<std::string> inputs, outputs;  // "name  uint8 1x513x513x3"
  };
  std::vector<File> files;
};

// Edits in this order: detach, inputs and outputs, strip, io, renames, attach, metadata, split. Weights and
// quantization of what stays are untouched.
//
// Errors: nothing is asked for; a name that no tensor has; a cut that leaves something undefined; the file cannot be
// used.
Expected<EditReport> edit(const EditOptions& options);

}  // namespace monolite
