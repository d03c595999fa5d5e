#pragma once
// An op profile as benchmark_model prints it: on paper for people, or as CSV.

#include <string>

#include "monolite/bench.h"

namespace monolite::cli {

// "Operator-wise Profiling Info …" with run order, the ten slowest, and sums by node type.
std::string op_profile_text(const BenchReport& report);

// The same three tables, comma-separated.
std::string op_profile_csv(const BenchReport& report);

}  // namespace monolite::cli
