#pragma once
// Processes that train one net together: each has a part of every batch, and their gradients are averaged.

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/expected.h"

namespace monolite::train {

struct WorkerPlace {
  int rank = 0, size = 1;
  std::string address = "127.0.0.1";  // where rank 0 listens
  int port = 29500;
};

class Workers {
 public:
  // Meets the others; waits for them at most two minutes.
  //
  // Errors: one that does not come; a libtorch without gloo.
  static Expected<std::unique_ptr<Workers>> join(const WorkerPlace& place);
  virtual ~Workers() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  // Replaces the values with their mean over all workers; every worker must call it, with as many values.
  //
  // Errors: a worker that has died.
  virtual Expected<void> average(std::span<float> values) = 0;
  // Likewise with their maximum.
  virtual Expected<void> maximum(std::span<float> values) = 0;
};

// A port of this machine that nobody listens on.
int free_port();

}  // namespace monolite::train
