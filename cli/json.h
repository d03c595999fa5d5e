#pragma once
// JSON of the verbs: keys in the order in which they were set.

#include <cstdio>
#include <nlohmann/json.hpp>

namespace monolite::cli {

using Json = nlohmann::ordered_json;

// Prints a document to stdout. Text of a file that is not UTF-8 comes out with replacement characters.
inline void print_json(const Json& document) {
  const std::string text = document.dump(2, ' ', false, Json::error_handler_t::replace);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace monolite::cli
