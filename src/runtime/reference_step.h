#pragma once
// A node computed by its op's reference kernel: the step of whatever has no faster one.

#include <memory>

#include "runtime/planner.h"

namespace monolite::runtime {

std::unique_ptr<Step> make_reference_step(const Planner& planner, size_t node);

}  // namespace monolite::runtime
