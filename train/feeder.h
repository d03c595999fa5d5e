#pragma once
// Batches in the order of the steps, made ahead by threads of their own.

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "augment.h"
#include "batch.h"

namespace monolite::train {

using data::Source;

struct FeedOptions {
  int batch_size = 8, height = 513, width = 513;
  int classes = 21;
  uint64_t seed = 1;
  Augmentation augmentation;
  int threads = 1;
  // Several workers: each makes its own part of every batch.
  int rank = 0, workers = 1;

  int part_size() const { return batch_size / workers; }
};

// The batch of a step: a function of its number alone, so that a training that goes on sees what it would have seen.
// Each pass over the source has an order of its own.
//
// Errors: those of the source; a label that is neither a class nor the one to ignore.
Expected<Batch> make_batch(const Source& source, const FeedOptions& options, int64_t step);

// `count` pictures from `first` on, for validation: unaltered, cut where they are larger than the crop, or `whole`,
// scaled until they fit.
Expected<Batch> make_validation_batch(const Source& source, const FeedOptions& options, int64_t first, int count,
                                      bool whole);

class Feeder {
 public:
  // Makes the batches of [first_step, steps). The source outlives the feeder.
  Feeder(const Source& source, const FeedOptions& options, int64_t first_step, int64_t steps);
  ~Feeder();
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  // The batch of the next step; waits for it.
  Expected<Batch> next();

 private:
  void work();

  const Source& source_;
  const FeedOptions options_;
  const int64_t steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int64_t, Expected<Batch>> ready_;
  int64_t begun_, taken_;
  bool stops_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace monolite::train
