#pragma once
// Two models, or a model and what a device gave, side by side.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace monolite {

struct DiffOptions {
  std::string a, b;                 // models; b may be a frozen TensorFlow graph (.pb, .pbtxt) instead, or empty
                                    // where `outputs` is given
  std::vector<std::string> inputs;  // pictures or .npy, as many as the models have inputs, or several times that
  std::string outputs;              // what a device gave: .npy, a PNG of labels, raw bytes, or a folder of .npy
  std::string picture;              // a PNG to write: white where the first output differs; "": none
  double tolerance = 0;             // floats agree within this part of the largest; integers only when equal
};

struct OutputDifference {
  std::string name, said;  // said: "identical", "12 of 66,049 differ, …"
  std::string input;       // the file that was fed
  int64_t elements = 0, differing = 0;
  double max = 0, mean = 0;
  bool agrees = false;
};

struct DiffReport {
  std::string a, b;
  struct Change {
    std::string kind;  // "added", "removed", "changed"
    int node_a = -1, node_b = -1;
    std::string op, name;
    std::vector<std::string> what;
  };
  bool is_graph = false;  // b is a graph: same_nodes are those of `a` whose names it has, weights are not compared
  int nodes_a = 0, nodes_b = 0, same_nodes = 0;
  int64_t weights_equal = 0, weights_different = 0;
  std::vector<Change> changes;            // none where only outputs were compared
  std::vector<OutputDifference> outputs;  // none where no input was given
  // With inputs: all outputs agree; without: nothing changed.
  bool agrees() const;
};

// Errors: a file cannot be used; a model cannot be run; a device's outputs are of another size than the model's; an
// input or output of the model that a graph does not name.
Expected<DiffReport> diff(const DiffOptions& options);

struct BisectOptions {
  std::string a, b;  // b empty: the reference and the fast backend of `a`
  std::vector<std::string> inputs;
  double tolerance = 1e-5;  // floats agree within this part of the largest
};

struct BisectReport {
  std::string a, b;
  int compared = 0;  // tensors that were
  struct First {
    int node_a = -1, node_b = -1;
    std::string op, name, said;
    int64_t element = 0;  // that differs most, with its real values
    double value_a = 0, value_b = 0;
  };
  std::optional<First> first;  // nothing: the runs agree
};

// The first tensor where two runs part.
Expected<BisectReport> bisect(const BisectOptions& options);

}  // namespace monolite
