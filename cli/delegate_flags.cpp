#include "delegate_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace monolite::cli {
namespace {

// Delegates in libraries of their own, by a part of the file's name.
constexpr struct {
  const char *part, *target;
} kLibraries[] = {
    {"vx", "vx"},
    {"edgetpu", "edgetpu"},
    {"ethosu", "ethos-u65"},
    {"hexagon", "hexagon"},
};

std::string target_of_library(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  for (const auto& l : kLibraries) {
    if (file.find(l.part) != std::string::npos) return l.target;
  }
  return "";
}

}  // namespace

void declare(Args& args, DelegateFlags& f) {
  args.flag("simulate_delegate", f.simulate, "T",
            "the partitions that this target (as in `monolite check`) would run, each timed on this engine")
      .flag("use_nnapi", f.nnapi, "simulate nnapi-29-cpu, or nnapi-29 without NNAPI's CPU")
      .flag("disable_nnapi_cpu", f.disable_nnapi_cpu, "with --use_nnapi: nnapi-29")
      .flag("nnapi_accelerator_name", f.accelerator, "NAME", "with --use_nnapi: nnapi-29")
      .flag("use_gpu", f.gpu, "simulate gpu")
      .flag("use_hexagon", f.hexagon, "simulate hexagon")
      .flag("use_coreml", f.coreml, "simulate coreml")
      .flag("external_delegate_path", f.external_path, "LIBRARY", "simulate the target that the file's name tells: vx");
}

Expected<std::string> simulated_target(const DelegateFlags& f) {
  std::vector<std::string> targets;
  if (!f.simulate.empty()) targets.push_back(f.simulate);
  const bool no_cpu = f.disable_nnapi_cpu.value_or(false) || !f.accelerator.empty();
  if (f.nnapi) targets.push_back(no_cpu ? "nnapi-29" : "nnapi-29-cpu");
  if (f.gpu) targets.push_back("gpu");
  if (f.hexagon) targets.push_back("hexagon");
  if (f.coreml) targets.push_back("coreml");
  if (const auto target = target_of_library(f.external_path); !target.empty()) targets.push_back(target);
  if (targets.size() > 1) {
    return Unexpected(usage_error("monolite bench", fmt::format("the delegates {}", fmt::join(targets, " and ")), "one",
                                  "simulate one at a time"));
  }
  return targets.empty() ? std::string() : targets.front();
}

bool is_unknown_library(const DelegateFlags& f) {
  return !f.external_path.empty() && target_of_library(f.external_path).empty();
}

}  // namespace monolite::cli
