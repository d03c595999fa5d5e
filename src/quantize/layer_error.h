#pragma once
// How far an integer model is from the float one, layer by layer.

#include <functional>
#include <string>
#include <vector>

#include "quantize/to_integer.h"
#include "quantize/watched.h"

namespace monolite::quantize {

// A signal and what was added to it.
struct SignalError {
  double signal = 0, noise = 0, largest = 0;  // sums of squares; the largest difference
  int64_t elements = 0;

  double rms() const;
  // 10 log10(signal / noise); 200 where there is no noise.
  double sqnr_db() const;
};

struct LayerError {
  size_t node = 0;  // of the float model
  TensorId tensor = kNoTensor;
  SignalError total;  // in the integer model: with what came from the layers before
  SignalError own;    // with the float model's values as its inputs
};

struct OutputError {
  size_t output = 0;      // of the graph
  SignalError error;      // of real numbers
  bool is_label = false;  // whole numbers: counted
  int64_t elements = 0, equal = 0;
  // Of scores: positions whose largest score along the last dimension belongs to the same class.
  int64_t positions = 0, same_class = 0;
};

struct ErrorOptions {
  int num_threads = 0;
  int64_t most_bytes = kMostWatchedBytes;
  std::function<void(int done, int of)> progress;  // may be empty
  // output_errors: sees both models' outputs on each sample; may be empty.
  std::function<void(std::span<const ops::Value> before, std::span<const ops::Value> after)> observer;
};

// For each integer node that computes (those that only move values are left out), in run order.
//
// Errors: as Watched.
Expected<std::vector<LayerError>> layer_errors(const Model& before, const ToInteger& made, const Samples& samples,
                                               const ErrorOptions& options = {});

// For each output of the graph. `after` may be any model with the same inputs and outputs; float32 inputs of `before`
// are quantized for it.
Expected<std::vector<OutputError>> output_errors(const Model& before, const Model& after, const Samples& samples,
                                                 const ErrorOptions& options = {});

}  // namespace monolite::quantize
