#pragma once
// Another input size, output stride or batch for a trained model, with no checkpoint: weights and quantization stay.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

enum class Geometry {
  tensorflow,  // as TensorFlow would export the size: even sizes may move the sampling grid
  keep,        // sample where the model was trained to
};

struct ReshapeOptions {
  std::string model, out;
  std::string command;               // for the receipt in the file: the command that was given; may be empty
  std::optional<int> height, width;  // of the picture; absent: as it is
  std::optional<int> output_stride, batch;
  Geometry geometry = Geometry::tensorflow;
};

struct ReshapeReport {
  std::string file, out;
  std::vector<int32_t> input_before, input;  // the picture's shape; empty where the model takes none
  int64_t output_stride_before = 0, output_stride = 0;
  double shift_y = 0, shift_x = 0;   // by how many pixels of the picture the sampling grid moved
  std::vector<int32_t> friendly;     // {height, width}: the nearest size that doesn't move it; empty: none, or no shift
  std::vector<std::string> changes;  // a sentence a change
  int64_t macs_before = 0, macs = 0;
};

// Writes `out`: the model for another size, output stride or batch.
//
// Errors: nothing is asked for; the file cannot be used; a node fits one size only (a fully connected head), or it
// cannot be told what it should follow; the strides and dilations don't allow the output stride.
Expected<ReshapeReport> reshape(const ReshapeOptions& options);

struct SuggestOptions {
  std::string model;
  int height = 0, width = 0;
  std::string picture;  // a PNG, JPEG or BMP to compare the sizes' labels on; "": none
};

// A size near the one asked for.
struct SuggestedSize {
  int32_t height = 0, width = 0;
  double shift_y = 0, shift_x = 0;  // as TensorFlow would export it
  int64_t macs = 0;
  // How much larger the last resize gets where it must be exact without align_corners: elements over elements asked
  // for.
  double exact_resize = 1;
  struct Target {
    std::string name;
    int partitions = 0, cpu_nodes = 0;
  };
  std::vector<Target> targets;
  // Pixels of the picture whose label is another than with the model as it is, with Geometry::tensorflow and with
  // Geometry::keep; absent: no picture, or this size cannot be had, or not be computed.
  std::optional<int64_t> changed, changed_keep;
  std::string refused;  // why the model can't have this size
};

struct SuggestReport {
  std::string file;
  std::vector<int32_t> input;
  std::string picture;
  int64_t pixels = 0;  // of the picture
  std::vector<SuggestedSize> sizes;
};

// Sizes around height x width, smallest first, with what each costs.
//
// Errors: the file cannot be used; with a picture, a model that is no segmentation's.
Expected<SuggestReport> suggest(const SuggestOptions& options);

}  // namespace monolite
