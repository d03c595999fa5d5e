#pragma once
// A model and what was made of it, run on the same inputs and compared.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ir/graph.h"
#include "monolite/verified.h"

namespace monolite {

// On pictures and .npy files, or on made-up values where `files` is empty (and `macs`, of both models together, few
// enough). That the models cannot run (an operator that is not computed here) is told in why_not, and no error.
//
// Errors: a file that cannot be used.
Expected<Verified> run_both(const Model& before, const Model& after, const std::vector<std::string>& files,
                            int64_t macs);

}  // namespace monolite
