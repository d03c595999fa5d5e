#pragma once
// Where the targets come from: one function a file, listed in targets.inc.

#include <vector>

#include "delegates/target.h"

namespace monolite::delegates {

#define TARGETS(file) std::vector<Target> file##_targets();
#include "delegates/targets.inc"
#undef TARGETS

}  // namespace monolite::delegates
