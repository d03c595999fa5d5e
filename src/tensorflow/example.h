#pragma once
// tf.Example: the named features that a record of a data set holds.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/expected.h"

namespace monolite::tensorflow {

using BytesList = std::vector<std::string>;
using FloatList = std::vector<float>;
using Int64List = std::vector<int64_t>;
using Feature = std::variant<BytesList, FloatList, Int64List>;

// By name. A feature that says nothing is an empty list of bytes.
using Example = std::map<std::string, Feature, std::less<>>;

// Errors: bytes that are no tf.Example. `name` stands in messages.
Expected<Example> parse_example(std::span<const std::byte> bytes, const std::string& name);

// The same example always gives the same bytes.
std::string write_example(const Example& example);

}  // namespace monolite::tensorflow
