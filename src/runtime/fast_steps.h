#pragma once
// The makers of fast steps, as steps.inc lists them; each is defined in the file of its name.

#include "runtime/planner.h"

namespace monolite::runtime {

#define STEP(maker) std::unique_ptr<Step> maker(const Planner& planner, size_t node);
#include "runtime/steps.inc"
#undef STEP

}  // namespace monolite::runtime
