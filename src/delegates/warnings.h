#pragma once
// What a target takes but is slow at, and where its verdict is not the last word.

#include <string>
#include <vector>

#include "delegates/check.h"

namespace monolite::delegates {

std::vector<std::string> warnings(const GraphContext& graph, const Target& target, const Verdict& verdict);

}  // namespace monolite::delegates
