#pragma once
// Rewrites a model until delegates take it whole, and proves that the numbers stayed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "monolite/verified.h"

namespace monolite {

struct LegalizeOptions {
  std::string model;   // path of a .tflite
  std::string output;  // path of the file to write; "" writes none
  std::vector<std::string> targets;
  std::string tolerance;            // "exact", "1lsb", "approximate"; "": exact where there is such a form, else 1lsb
  bool keep_io = false;             // inputs and outputs keep their types
  bool best_effort = false;         // write what was reached, also where a target still refuses something
  bool verify = true;               // run both models and compare
  std::vector<std::string> inputs;  // pictures or .npy files for that, one for each input of the model; none: made up
  std::string command;              // kept in the file's receipt
};

struct LegalizeReport {
  std::string file, output;
  bool is_whole = false;  // every target takes all in one partition (with keep_io: but for CASTs at the edge)
  bool is_written = false;
  std::string proof;                           // the weakest of the rewrites: "exact", "<= 1 LSB", "approximate"
  std::vector<std::string> interface_changes;  // what the model's user has to do differently

  struct Rewrite {
    std::string name, proof;
    int node = -1;  // in the model as it came; -1: of a node that another rewrite made
    std::string op, node_name, note, warning;
    int64_t macs_before = 0, macs_after = 0;      // of the whole model
    int64_t pixels_before = 0, pixels_after = 0;  // of the picture that the node writes; 0: says nothing
  };
  std::vector<Rewrite> rewrites;

  struct Target {
    std::string name;
    struct Side {
      std::string strip;  // "[62 nodes] AVERAGE_POOL_2D [1 node]"
      int partitions = 0, cpu_nodes = 0, nodes = 0;
    } before, after;
  };
  std::vector<Target> targets;

  struct Refused {
    std::string target;
    int node = -1;  // in the rewritten model
    std::string op, name;
    std::vector<std::string> reasons, fixes, tried;
  };
  std::vector<Refused> refused;

  Verified verified;

  int64_t macs_before = 0, macs_after = 0;
};

// Rewrites, runs both models through the reference backend, re-reads what is to be written, checks it once more, and
// writes it with a receipt in its metadata. Nothing is written where a target still refuses something, unless
// best_effort.
//
// Errors: the file cannot be read; an unknown target or tolerance; a verification input that does not fit; a rewrite
// that called itself exact and was not (ErrorKind::internal).
Expected<LegalizeReport> legalize_file(const LegalizeOptions& options);

// A line for each rewrite that the program knows: name, proof, summary.
struct RewriteInfo {
  std::string name, proof, summary;
};
std::vector<RewriteInfo> known_rewrites();

}  // namespace monolite
