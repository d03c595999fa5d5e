#pragma once
// tf.train.Example: named lists of bytes or numbers (tensorflow/core/example/feature.proto).

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace monolite::data {

struct Feature {
  std::vector<std::string_view> bytes;
  std::vector<int64_t> integers;  // lists of floats are passed over
};

using Example = std::map<std::string, Feature, std::less<>>;

// The features are views of `record`.
//
// Errors: no such message.
Expected<Example> parse_example(std::span<const std::byte> record);

// The bytes of an example, features by name.
std::string serialize_example(const Example& example);

}  // namespace monolite::data
