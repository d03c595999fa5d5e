#pragma once
// A model in run order as a target cuts it, in a line.

#include <string>

#include "delegates/check.h"

namespace monolite {

// "[62 nodes] AVERAGE_POOL_2D [1 node] RESIZE_BILINEAR": delegated pieces in brackets, what stays on the CPU by name.
std::string strip_text(const Model& model, const delegates::Verdict& verdict);

}  // namespace monolite
