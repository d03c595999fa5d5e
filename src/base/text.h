#pragma once
// Small helpers for words that people read.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace monolite {

// The candidate with the fewest edits from `word`, or "" where none is near (more than a third of its letters).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// "2234440" -> "2,234,440".
std::string with_commas(long long value);

// Splits at every `separator`; "" gives no parts.
std::vector<std::string> split(std::string_view text, char separator);

// A file's text as it may be shown in a terminal: control characters and broken UTF-8 become '?'; cut at `most` bytes.
std::string printable(std::string_view text, size_t most = 200);

}  // namespace monolite
