#pragma once
// Rewrites a model until the targets asked for take it whole, or nothing helps.

#include <optional>
#include <string>
#include <vector>

#include "delegates/check.h"
#include "delegates/target.h"
#include "ir/graph.h"
#include "legalize/rewrite.h"

namespace monolite::legalize {

struct Options {
  std::vector<const delegates::Target*> targets;
  // The weakest proof that is allowed; none: exact where an exact form exists, else <= 1 LSB.
  std::optional<Proof> tolerance;
  bool keep_io = false;  // inputs and outputs keep their types; CASTs at the edge may stay on the CPU
};

// One rewrite that was made.
struct Step {
  std::string rewrite;
  Proof proof = Proof::exact;
  int node = -1;  // in the model as it came; -1: a node that an earlier rewrite made
  std::string op, name, note, interface_change, warning;
  int64_t macs_before = 0, macs_after = 0;  // of the whole model
  int64_t pixels_before = 0, pixels_after = 0;
};

// A node that stays refused, and what was tried.
struct Remainder {
  std::string target;
  int node = -1;  // in the rewritten model
  std::string op, name;
  std::vector<delegates::Refusal> reasons;
  std::vector<std::string> tried;  // "average_pool_to_mean: <= 1 LSB is beyond the tolerance"
};

struct Result {
  Model model;
  std::vector<Step> steps;  // in the order of the nodes
  std::vector<Remainder> remainders;
  std::vector<delegates::Verdict> before, after;  // one a target
  bool is_whole = false;       // every target takes all in one partition; with keep_io all but CASTs at the edge
  Proof proof = Proof::exact;  // the weakest of the steps

  // What the model's user has to do differently.
  std::vector<std::string> interface_changes() const;
};

// Touches no node that every target takes as it is. Among the rewrites that mend a node the strongest proof wins, then
// the least cost (MACs and elements written). A model without refused nodes comes back as it is.
Result legalize(const Model& model, const Options& options);

}  // namespace monolite::legalize
