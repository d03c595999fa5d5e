#pragma once
// What each target takes of a model, which nodes it leaves to the CPU and why.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct CheckOptions {
  std::string model;                   // path of a .tflite
  std::vector<std::string> targets;    // "nnapi-29", …; none, or "all": all of them
  std::optional<int> most_partitions;  // instead of a target's own limit; 0: none
  bool ignore_border_casts = false;    // CASTs of the model's inputs and outputs may stay on the CPU
  std::string observed;                // path of a log of benchmark_model on a device; asks for one target
};

struct CheckRefusal {
  std::string code;     // for programs: "align_corners"
  std::string message;  // what was found and what the target takes
  std::string fix;      // what to do about it; may be empty
};

// A tensor that crosses from one segment to the next, or between the caller and a segment.
struct CheckCrossing {
  std::string name, dtype;
  std::vector<int32_t> shape;
  int64_t bytes = 0;
};

struct CheckSegment {
  std::string kind;              // "delegate" or "cpu"
  std::vector<int> nodes;        // in the order in which they run
  std::vector<std::string> ops;  // of these nodes
  int64_t macs = 0;
  std::vector<CheckCrossing> inputs, outputs;
  int64_t bytes_in = 0, bytes_out = 0;
};

struct CheckCpuNode {
  int index = 0;
  std::string op, name;
  std::vector<CheckRefusal> reasons;
};

struct CheckVerdict {
  std::string name, description;
  int partitions = 0;  // the delegate's segments
  int delegated_nodes = 0, nodes = 0;
  int64_t delegated_macs = 0, macs = 0;
  bool fully_delegated = false;  // one partition and no node on the CPU
  bool accepted = false;         // fully delegated, or but for what CheckOptions let pass
  bool at_best = false;          // a driver or a closed compiler has the last word
  std::vector<CheckSegment> segments;
  std::vector<CheckCpuNode> cpu_nodes;
  std::vector<std::string> warnings;  // taken, but slow there, and the like
};

// What a log of a run on a device says, beside the prediction.
struct CheckObservation {
  std::string log;
  std::vector<std::string> ran;          // the run order: "TfLiteNnapiDelegate", "AVERAGE_POOL_2D", …
  std::vector<double> average_ms;        // of each
  std::vector<std::string> predicted;    // the same strip, as check has it
  std::vector<std::string> differences;  // where they part; none: the device did as predicted
};

struct CheckReport {
  std::string file;
  std::vector<CheckVerdict> targets;
  std::optional<CheckObservation> observation;

  // Does every target take the model whole?
  bool accepted() const;
};

// Asks the targets. Ops that are not known here are judged too, by the targets' lists.
//
// Errors: the file or the log cannot be read; there is no such target; `observed` without exactly one target.
Expected<CheckReport> check(const CheckOptions& options);

// The names that `targets` may hold.
std::vector<std::string> check_target_names();

}  // namespace monolite
