#pragma once
// How a fuzzer says what it found.

#include <cstdio>
#include <cstdlib>
#include <string>

namespace monolite::fuzz {

[[noreturn]] inline void fail(const char* what, const std::string& why = {}) {
  std::fprintf(stderr, "%s %s\n", what, why.c_str());
  std::abort();
}

}  // namespace monolite::fuzz
