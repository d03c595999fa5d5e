#pragma once
// One inference, on pictures or numbers, and what it says.

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct RunOptions {
  std::string model;  // path of a .tflite

  struct Input {
    std::string
        name;  // of the model's input, or "": the next one in the model's order (a lone picture: the picture input)
    std::string file;  // a PNG, JPEG or BMP; a .npy, fed as it stands; with is_raw, bytes
  };
  std::vector<Input> inputs;  // inputs of the model that are not named here are fed zeros
  bool is_raw = false;

  std::string backend = "fast";   // or "reference"
  int num_threads = 0;            // 0: the physical cores
  std::string weight_cache_file;  // keeps packed weights for the next process; "": none

  std::string task;        // "": told from the model; segmentation, classification, detection, super-resolution, other
  std::string resize;      // "": as the task has it; fit, stretch, crop
  std::string labels;      // a label file; "": the model's own, or built-in ones
  int top = 5;             // how many classes; a negative number means all
  double min_score = 0.5;  // of boxes

  // Files to write, or "".
  std::string overlay;       // the picture with the answer drawn over; for super-resolution the enlarged picture
  std::string mask;          // segmentation: a palette PNG of the picture's size, pixels are labels
  std::string dump_inputs;   // a folder: 0.bin, 1.bin, … the bytes that were fed, and 0.npy, 1.npy, …
  std::string dump_outputs;  // a folder: 0.npy, 1.npy, … in the model's output order, raw values
};

struct RunReport {
  std::string file, backend, task;
  int num_threads = 1;

  struct Fed {
    std::string name, file;
    std::string how;  // "800x600 → 513x385 bilinear, pad 128, (x-127.5)/127.5"
  };
  std::vector<Fed> inputs;

  std::string labels_from;  // "built in: PASCAL VOC", a file, "the model's metadata", or ""
  struct Label {            // segmentation
    int64_t label = 0, pixels = 0;
    std::string name;
    double share = 0;
  };
  std::vector<Label> labels;
  struct Class {  // classification
    int64_t label = 0;
    std::string name;
    double score = 0;
  };
  std::vector<Class> classes;
  struct Box {  // detection, in the picture's pixels; right and bottom are outside
    int64_t label = 0;
    std::string name;
    double score = 0;
    int32_t left = 0, top = 0, right = 0, bottom = 0;
  };
  std::vector<Box> boxes;
  int32_t result_width = 0, result_height = 0;  // of the mask, or of the enlarged picture

  struct Output {
    std::string name, dtype;
    std::vector<int32_t> shape;
    double min = 0, max = 0, mean = 0;  // of the real numbers that are finite
    int64_t not_finite = 0;
    std::vector<double> first;  // a few values, as real numbers
  };
  std::vector<Output> outputs;

  double load_ms = 0;       // reading and planning
  double inference_ms = 0;  // the one inference
  std::vector<std::string> written, remarks;
};

// Runs a model once, with fresh state, and writes the files that are asked for.
//
// Errors: a file cannot be used; an input's type, shape or name is another than the model's; a node cannot be computed;
// an answer is asked for that the model's task does not give.
Expected<RunReport> run(const RunOptions& options);

}  // namespace monolite
