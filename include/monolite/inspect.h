#pragma once
// What is in a model.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct InspectOptions {
  std::string model;  // path of a .tflite
};

struct TensorInfo {
  int index = 0;
  std::string name;
  std::string dtype;           // "uint8"
  std::vector<int32_t> shape;  // inferred; the file's where that is not possible
  bool is_shape_known = true;
  std::string quantization;  // "0.0235 * (q - 128)", or "" where there is none
  bool is_constant = false, is_variable = false;
  int64_t size_bytes = 0;
};

struct NodeInfo {
  int index = 0;
  std::string op;    // "CONV_2D", or a custom op's code
  std::string name;  // of its first output
  int version = 1;
  std::vector<int> inputs, outputs;                             // tensors; -1 is an input that is left out
  std::vector<std::pair<std::string, std::string>> attributes;  // as the file has them: "padding", "SAME"
  int64_t macs = 0;
};

struct InspectReport {
  std::string file;
  std::string description;
  std::vector<TensorInfo> tensors;
  std::vector<NodeInfo> nodes;  // of the first subgraph
  std::vector<int> inputs, outputs;
  int subgraphs = 1;
  struct Totals {
    int64_t nodes = 0;
    int64_t params = 0;  // elements of constants
    int64_t macs = 0;
    int64_t bytes = 0;        // of the file
    int64_t arena_bytes = 0;  // the most that activations need at one time, nodes run in order
  } totals;
  std::vector<std::pair<std::string, int64_t>> histogram;     // op and how many, the most frequent first
  std::vector<std::pair<std::string, std::string>> metadata;  // name and a short description of what is in it
  std::string receipt;  // what our verbs did to the file, a JSON list; "" where nothing
  std::vector<std::string> signatures;
  std::vector<std::string> remarks;  // what could not be computed, and why
};

// Reads a model and sums it up. Shapes are inferred where the file leaves them open.
//
// Errors: the file cannot be read. Ops that are not known here are shown all the same.
Expected<InspectReport> inspect(const InspectOptions& options);

}  // namespace monolite
