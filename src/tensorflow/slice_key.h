#pragma once
// The key under which a checkpoint's index keeps one part of a partitioned variable: name and extents in an encoding
// whose byte order is the order of what it encodes (tensorflow/core/lib/strings/ordered_code).

#include <cstdint>
#include <string>
#include <vector>

namespace monolite::tensorflow {

// One axis of a part; length -1 is the whole axis.
struct SliceExtent {
  int64_t start = 0, length = -1;
};

std::string slice_key(const std::string& variable, const std::vector<SliceExtent>& extents);

}  // namespace monolite::tensorflow
