#include "workers.h"

namespace monolite::train {

Expected<std::unique_ptr<Workers>> Workers::join(const WorkerPlace&) {
  return Unexpected(usage_error("--num_clones", "more than one worker", "1: this was built without gloo",
                                "./setup --train installs its headers; then build again"));
}

int free_port() { return WorkerPlace{}.port; }

}  // namespace monolite::train
