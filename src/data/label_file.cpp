#include "data/label_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace monolite::data {
namespace {

constexpr size_t kMostClasses = 256;
constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kBetween = " \t,;:";

std::string_view trim(std::string_view s, std::string_view what) {
  const size_t first = s.find_first_not_of(what);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(what) - first + 1);
}

// Takes a number of 0 to 255 from the end; nothing where there is none.
std::optional<uint8_t> take_number(std::string_view& line) {
  const size_t digits = line.find_last_not_of("0123456789");
  if (digits == std::string_view::npos || digits + 1 == line.size()) return std::nullopt;
  if (kBetween.find(line[digits]) == std::string_view::npos) return std::nullopt;
  const std::string_view number = line.substr(digits + 1);
  int value = 256;
  std::from_chars(number.data(), number.data() + number.size(), value);
  if (value > 255) return std::nullopt;
  line = line.substr(0, line.find_last_not_of(kBetween, digits) + 1);
  return static_cast<uint8_t>(value);
}

LabelLine parse_line(std::string_view line) {
  std::string_view rest = line.substr(0, line.find_last_not_of(": \t") + 1);
  const auto blue = take_number(rest);
  const auto green = blue ? take_number(rest) : std::nullopt;
  const auto red = green ? take_number(rest) : std::nullopt;
  if (!red || rest.empty()) return {printable(trim(line, ": \t"), 100), std::nullopt};
  return {printable(rest, 100), image::Color{*red, *green, *blue}};
}

bool is_header(std::string_view line) {
  std::string words(line);
  std::transform(words.begin(), words.end(), words.begin(), [](unsigned char c) { return std::tolower(c); });
  words.erase(std::remove(words.begin(), words.end(), ' '), words.end());
  return words == "name,r,g,b";
}

Expected<void> check(const std::vector<LabelLine>& lines, const std::string& name) {
  const auto wrong = [&](const std::string& found, const std::string& expected) {
    return Unexpected(input_error(printable(name), found, expected));
  };
  if (lines.empty()) return wrong("no class", "one a line");
  if (lines.size() > kMostClasses) return wrong(fmt::format("{} classes", lines.size()), "at most 256");
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].color.has_value() != lines[0].color.has_value()) {
      return wrong(fmt::format("\"{}\" {} a colour, unlike \"{}\"", lines[i].name, lines[i].color ? "with" : "without",
                               lines[0].name),
                   "a colour for each class, or for none");
    }
    for (size_t k = 0; k < i; ++k) {
      if (lines[i].color && lines[i].color == lines[k].color)
        return wrong(fmt::format("\"{}\" and \"{}\" of one colour", lines[k].name, lines[i].name), "different ones");
    }
  }
  return {};
}

}  // namespace

Expected<std::vector<LabelLine>> parse_label_file(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<LabelLine> lines;
  bool is_first = true;
  while (!text.empty() && lines.size() <= kMostClasses) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end), kBlanks);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    if (!std::exchange(is_first, false) || !is_header(line)) lines.push_back(parse_line(line));
  }
  ML_TRY(check(lines, name));
  return lines;
}

}  // namespace monolite::data
