#pragma once
// A folder of pictures or .npy files as samples for a model.

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "quantize/watched.h"
#include "tasks/feed.h"
#include "tasks/task.h"

namespace monolite {

struct SampleSet {
  quantize::Samples samples;  // refers to the model
  std::string said;           // "12 files of DIR"
  tasks::Task task;
  // Of the input that pictures are fed to, by place among the model's inputs: the reals that 0 and 255 become.
  struct PictureRange {
    size_t input = 0;
    double min = 0, max = 0;
  };
  std::vector<PictureRange> picture_ranges;
};

struct SampleRequest {
  std::string path;  // a folder, looked through with its folders, or one file
  int most = 100;    // samples taken, evenly spread over the sorted names; 0: all
  // How pixels become reals, instead of what the model's metadata says.
  std::optional<tasks::Normalization> normalization;
};

// A model of one input takes each picture or .npy file as a sample; one of several takes each folder that holds as many
// files as it has inputs, in the order of their names (as `run --dump-inputs` writes them). The first sample is read to
// see whether it fits.
//
// Errors: no such folder, or none of such files in it; a file that cannot be used. `model` must outlive the result.
Expected<SampleSet> open_samples(const Model& model, const SampleRequest& request);

// `most` of them, evenly spread.
quantize::Samples some_of(const quantize::Samples& samples, size_t most);

}  // namespace monolite
