#include "delegates/warnings.h"

namespace monolite::delegates {

std::vector<std::string> warnings(const GraphContext&, const Target& target, const Verdict& verdict) {
  std::vector<std::string> all;
  if (target.at_best && verdict.partitions > 0) {
    all.push_back("at best: the driver or compiler of the device has the last word about each node");
  }
  return all;
}

}  // namespace monolite::delegates
