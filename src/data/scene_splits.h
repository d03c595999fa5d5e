#pragma once
// Which scenes are for what: seeds that never meet.

#include <array>
#include <cstdint>
#include <string_view>

namespace monolite::data {

struct SceneSplit {
  std::string_view name;
  uint64_t first_seed;
  int64_t size;
};

inline constexpr SceneSplit kTrainSplit{"train", 0, 1'000'000};
inline constexpr SceneSplit kValidationSplit{"val", 1'000'000'000, 500};
inline constexpr SceneSplit kTestSplit{"test", 2'000'000'000, 500};  // looked at when all is done
inline constexpr std::array<SceneSplit, 3> kSceneSplits{kTrainSplit, kValidationSplit, kTestSplit};

}  // namespace monolite::data
