#pragma once
// The range of every activation of a float model, from samples that run through it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quantize/statistics.h"
#include "quantize/watched.h"

namespace monolite::quantize {

struct CalibrationOptions {
  Method method = Method::min_max;
  double percentile = 99.99;                       // Method::percentile
  int num_threads = 0;                             // as runtime::SessionOptions has it
  int64_t most_bytes = kMostWatchedBytes;          // activations looked at at a time; samples run once for each part
  std::function<void(int done, int of)> progress;  // may be empty; counts runs
};

// By TensorId: nothing for tensors that are no float32 activation, or that had no finite value.
using Ranges = std::vector<std::optional<Range>>;

struct Calibration {
  Ranges ranges;
  std::vector<std::string> remarks;  // what a user should know
};

// Errors: no samples; a sample that does not fit; a model that cannot be run.
Expected<Calibration> calibrate(const Model& model, const Samples& samples, const CalibrationOptions& options = {});

// The float32 tensors that nodes of the first graph write, in run order.
std::vector<TensorId> activations(const Graph& graph);

}  // namespace monolite::quantize
