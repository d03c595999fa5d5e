#pragma once
// Starts the other workers of --num_clones, or finds this one's place in the usual launch variables.

#include <sys/types.h>

#include <string>
#include <vector>

#include "workers.h"

namespace monolite::train {

class Launcher {
 public:
  // Ends workers that are still there.
  ~Launcher();

  // MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE where they are set; else this process becomes the first of `clones`
  // and starts the others with its own command line.
  //
  // Errors: variables that are no numbers or do not fit each other; a process that cannot be started.
  Expected<WorkerPlace> place(int clones, const std::vector<std::string>& arguments);

 private:
  Expected<void> start(const WorkerPlace& place, const std::vector<std::string>& arguments);
  std::vector<pid_t> children_;
};

}  // namespace monolite::train
