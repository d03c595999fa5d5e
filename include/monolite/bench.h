#pragma once
// How fast a model runs: benchmark_model's loop over our engine.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct BenchOptions {
  std::string model;             // path of a .tflite
  std::string backend = "fast";  // or "reference": every node by its reference kernel
  int num_threads = 0;           // 0: the physical cores
  // The loop: run while (runs < num_runs or time < min_secs) and time <= max_secs; the same for the warm-up.
  int num_runs = 50, warmup_runs = 1;
  double min_secs = 1.0, max_secs = 150.0, warmup_min_secs = 0.5;
  double run_delay_secs = -1.0;  // pause before each run
  bool profile_ops = false;

  // One entry an input: its name, and what is given for it. Unnamed entries are taken in the model's order.
  struct Input {
    std::string name;
    std::vector<int32_t> shape;       // instead of the file's
    std::string file;                 // raw bytes
    std::vector<double> value_range;  // {low, high} of the random values
  };
  std::vector<Input> inputs;
  // The partitions that this target would run, each timed on our engine: "nnapi-29", as CheckOptions has them.
  std::string simulate_delegate;
  std::optional<int> most_partitions;  // instead of the target's own limit; 0: none
  std::string weight_cache_file;       // keeps packed weights for the next process; "": none
  std::string outputs_file;            // the raw bytes of all outputs of the last run, one behind the other

  // Called when a stage begins, for a log: "loaded", "initialized", "warmup", "regular".
  std::function<void(const std::string& stage, double milliseconds)> on_stage;
};

// Milliseconds over all runs of a stage.
struct Timing {
  int runs = 0;
  double first = 0, last = 0, min = 0, median = 0, avg = 0, max = 0, std = 0, p90 = 0, p99 = 0;
};

// One step of the plan: one node, or several that are computed as one. With a simulated delegate: a partition, or a
// node that stays on the CPU.
struct OpTiming {
  int index = -1;  // the first node's place in the file; of a partition: counted on behind the file's nodes
  bool is_partition = false;
  std::vector<int> nodes;
  std::string op;      // "CONV_2D+ADD"
  std::string name;    // of the last node's first output; of a partition: of what others read of it
  std::string kernel;  // what computed it
  double start_ms = 0, first_ms = 0, avg_ms = 0, percent = 0, cdf = 0;
  int64_t times_called = 0;  // in each run
};

// A piece of the run order with a simulated delegate.
struct BenchSegment {
  std::string kind;  // "delegate" or "cpu"
  std::vector<int> nodes;
  double avg_ms = 0;
};

struct BenchReport {
  std::string model, backend;
  std::string simulated;  // the target, where one was asked for
  int num_threads = 0;
  double init_ms = 0;  // from opening the file to a session that can run
  Timing warmup, inference;
  int64_t file_bytes = 0, peak_memory_bytes = 0, arena_bytes = 0;
  std::vector<OpTiming> ops;           // with profile_ops
  std::vector<BenchSegment> segments;  // with simulate_delegate
  std::string plan;                    // the plan as text
  std::vector<std::string> remarks;    // what makes the figures doubtful
};

// Errors: the model cannot be read or run; an input's file has another size than its shape and type say; no such
// target.
Expected<BenchReport> bench(const BenchOptions& options);

}  // namespace monolite
