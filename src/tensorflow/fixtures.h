#pragma once
// For tests: the material outside of the repository, where it is there.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

// The path of a file under ../shared, or the test is skipped.
#define SHARED_OR_SKIP(variable, file)                                      \
  const std::string variable = std::string(MONOLITE_SHARED) + "/" + (file); \
  if (!std::filesystem::exists(variable)) GTEST_SKIP() << variable << " is not there"
