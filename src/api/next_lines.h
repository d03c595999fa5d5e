#pragma once
// What a user runs next with a file that a target takes.

#include <string>
#include <vector>

namespace monolite {

// Commands to paste, for a file and a target's name.
std::vector<std::string> next_lines(const std::string& file, const std::string& target);

}  // namespace monolite
