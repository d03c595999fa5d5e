#pragma once
// The loop: batches, updates, checkpoints, the curve. Knows neither libtorch nor the command line.

#include <atomic>
#include <functional>
#include <string>

#include "feeder.h"
#include "nets/deeplab.h"
#include "network.h"
#include "schedule.h"
#include "workers.h"

namespace monolite::train {

struct TrainOptions {
  nets::DeepLabOptions net;
  NetworkOptions network;
  FeedOptions feed;
  Schedule schedule;
  std::string logdir;
  std::vector<std::string> class_names;  // written into checkpoints; empty: not known
  std::string initial_checkpoint;        // "": from random weights
  bool initialize_last_layer = true;
  bool must_resume = false;
  int log_steps = 10;
  double save_interval_secs = 1200;
  int64_t save_interval_steps = 0;  // 0: by time alone
  int checkpoints_kept = 5;
  int validation_samples = 0;  // per checkpoint
  Workers* workers = nullptr;  // the first one writes the files; nullptr: alone
};

struct Tick {
  int64_t step = 0, steps = 0;  // done, of all
  double loss = 0;              // mean since the last tick
  double learning_rate = 0, images_per_second = 0, seconds_left = 0;
};

// What the loop tells while it runs.
struct Listener {
  std::function<void(const Tick&)> tick;
  std::function<void(const std::string&)> remark;
};

struct TrainReport {
  int64_t first_step = 0, step = 0;
  double loss = 0;                   // mean of the last log_steps
  std::string checkpoint;            // the last one; "" where no step was made
  bool is_complete = false;          // false: stopped
  std::optional<double> miou;        // of the last validation
  std::optional<double> whole_miou;  // of whole pictures, scaled to fit the crop, after the last step
};

// Trains until options.schedule.steps, or until `stop`. A logdir with a checkpoint is gone on with. Writes
// LOGDIR/model.ckpt-N with the state file `checkpoint`, and LOGDIR/train.csv.
//
// Errors: those of the data, of the checkpoints, of Network::step.
Expected<TrainReport> train(const TrainOptions& options, const Source& source, const Source* validation,
                            const std::atomic<bool>& stop, const Listener& listener);

// Mean intersection over union, over the classes that occur in labels or predictions.
double mean_iou(const std::vector<int64_t>& confusion, int classes);

}  // namespace monolite::train
