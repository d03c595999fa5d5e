#pragma once
// Integers for a float model, and what they cost: what quantize and convert say of it.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace monolite {

struct CalibrationOptions {
  std::string folder;         // of pictures or .npy files; "": none
  std::string method;         // minmax, average, percentile or mse; "": mse for 8 bits, minmax for 16
  double percentile = 99.99;  // method percentile: what stays inside, at each end
  int samples = 100;          // files taken, evenly spread over their names; 0: all
  std::vector<double> mean_values, std_dev_values;  // of pictures: real = (value - mean) / deviation; one, or three
  std::vector<std::string> keep_float;  // nodes that stay float: names of what they write, operators, or a number: as
                                        // many as that of the worst
  int report_samples = -1;  // on which the layers' errors are measured; 0: they are not; -1: 8, fewer where a model is
                            // large
  std::function<void(const std::string& what, int done, int of)> progress;  // may be empty
};

struct PostTrainingReport {
  std::string type;           // int8, uint8, int16x8, float16, dynamic
  std::string calibrated_on;  // "12 files of pictures/"; "": not calibrated
  std::string method;
  int integer_nodes = 0, filters = 0, conversions = 0;  // conversions: QUANTIZE and DEQUANTIZE nodes added
  struct FloatNode {
    int index = 0;  // in the float model
    std::string op, name, why;
  };
  std::vector<FloatNode> float_nodes;
  struct Layer {
    int index = 0;  // in the float model
    std::string op, name;
    double sqnr_db = 0;           // in the whole model: with the error of the layers before
    double own_sqnr_db = 0;       // on the float model's values
    double rms = 0, largest = 0;  // of the error in the whole model, in reals
  };
  std::vector<Layer> layers;  // the worst of its own first
  struct Output {
    std::string name;
    bool is_label = false;
    int64_t elements = 0, equal = 0;        // of labels
    double sqnr_db = 0, largest = 0;        // of reals
    int64_t positions = 0, same_class = 0;  // of a classifier's or a segmentation's scores
    // Of a detector's boxes: those of the float model with a score of 0.3 and more (all where none has it), and how
    // many of them the other model has too: same class, intersection over union of 0.5 or more.
    int64_t boxes = 0, boxes_found = 0;
  };
  std::vector<Output> outputs;
  int measured_on = 0;  // samples
  struct Trial {
    int kept = 0;          // that many of the worst layers in float
    double mac_share = 0;  // of the model's MACs that are computed in float then
    std::vector<Output> outputs;
  };
  std::vector<Trial> trials;
  std::vector<std::string> remarks;
};

}  // namespace monolite
