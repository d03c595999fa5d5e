#pragma once
// The passes over a lowered graph: named, timed, verified, and left out where the caller says so.

#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "convert/lowering.h"

namespace monolite::conversion {

// One pass as it ran.
struct PassRun {
  std::string name;
  int changed = 0;  // how often it found its pattern
  double ms = 0;
  bool is_left_out = false;
};

class Pipeline {
 public:
  explicit Pipeline(Lowered& lowered) : lowered_(lowered) {}

  // Errors: a name that no pass has; the passes that can be left out are listed.
  Expected<void> leave_out(const std::vector<std::string>& names);

  // Runs a pass that changes the graph's form, unless it is left out, and verifies what it made.
  //
  // Errors: a node that its operator does not take any more; the pass is named.
  Expected<void> run(const std::string& name, const std::function<int()>& pass);
  // Runs and times a step that the rest depends on: it is never left out.
  Expected<void> step(const std::string& name, const std::function<Expected<int>()>& work);

  const std::vector<PassRun>& runs() const { return runs_; }

 private:
  Lowered& lowered_;
  std::vector<std::string> left_out_;
  std::vector<PassRun> runs_;
};

// The passes that can be left out, in the order in which they run.
const std::vector<std::string>& pass_names();

// Every operator that this program computes has inputs that it takes.
Expected<void> verify(const Model& model);

}  // namespace monolite::conversion
