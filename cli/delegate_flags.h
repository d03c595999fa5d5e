#pragma once
// benchmark_model's flags that ask for a delegate, as the target that is simulated instead.

#include <optional>
#include <string>

#include "args.h"
#include "base/expected.h"

namespace monolite::cli {

struct DelegateFlags {
  std::string simulate;  // --simulate_delegate, which names the target itself
  bool nnapi = false, gpu = false, hexagon = false, coreml = false;
  std::string external_path;  // --external_delegate_path
  std::optional<bool> disable_nnapi_cpu;
  std::string accelerator;  // --nnapi_accelerator_name
};

void declare(Args& args, DelegateFlags& flags);

// The target to simulate; "" where no delegate is asked for.
//
// Errors: usage, where two are asked for.
Expected<std::string> simulated_target(const DelegateFlags& flags);

// Is --external_delegate_path the library of a delegate that is no target? Then nothing is simulated for it.
bool is_unknown_library(const DelegateFlags& flags);

}  // namespace monolite::cli
