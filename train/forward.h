#pragma once
// A net's forward pass as training sees it, and as the exported graphs will compute it. For the files behind network.h.

#include <stdexcept>

#include "variables.h"

namespace monolite::train {

// What passes between the workers in the middle of a step, where libtorch cannot be handed an Expected: the error is
// kept, and thrown as an exception that Network::step catches.
struct Shared {
  std::function<Expected<void>(std::span<float>)> average;
  std::optional<Error> error;

  void must(Expected<void> done) {
    if (done) return;
    error = std::move(done).error();
    throw std::runtime_error("a worker is gone");
  }
};

// A net, and what it has learnt.
struct Learner {
  nets::Net net;
  NetworkOptions o;
  torch::Device device{torch::kCPU};
  Variables variables;
  Shared shared;
};

// How a forward pass behaves.
struct Mode {
  bool is_training = false;
  bool updates = false;    // moving statistics and ranges follow the batch
  bool folds = false;      // batch norms folded into filters
  bool quantizes = false;  // ranges take effect
  bool frozen = true;      // batch norms by their moving statistics
};

// The net's last layer for a batch: [count, channels, height, width]. Updates moving statistics and ranges where the
// mode says so.
torch::Tensor forward(Learner& learner, const Batch& batch, const Mode& mode);

// Bilinear, corners on corners.
torch::Tensor resize(const torch::Tensor& x, int64_t height, int64_t width);

}  // namespace monolite::train
