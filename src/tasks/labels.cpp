#include "tasks/labels.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "image/palette.h"

namespace monolite::tasks {
namespace {

constexpr size_t kMostFileBytes = 16 << 20;
constexpr int64_t kMostLabels = 1 << 20;

constexpr std::string_view kBlanks = " \t\r";

std::string_view trim(std::string_view s) {
  const size_t first = s.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

using Numbered = std::map<int64_t, std::string_view>;

// "15 person" or "15: person"; nothing where a line is of another kind.
std::optional<Numbered> numbered(const std::vector<std::string_view>& lines) {
  Numbered names;
  for (const auto line : lines) {
    if (line.empty()) continue;
    int64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    const auto rest = line.substr(static_cast<size_t>(end - line.data()));
    if (error != std::errc() || number < 0 || number >= kMostLabels || rest.empty()) return std::nullopt;
    if (rest[0] != ' ' && rest[0] != '\t' && rest[0] != ':' && rest[0] != ',') return std::nullopt;
    names[number] = trim(rest.substr(1));
  }
  if (names.empty()) return std::nullopt;
  return names;
}

std::string_view quoted(std::string_view value) {
  value = trim(value);
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) value = value.substr(1, value.size() - 2);
  return value;
}

// Detection models number their items from 1, and count classes from 0.
std::optional<Numbered> label_map(const std::vector<std::string_view>& lines) {
  Numbered names;
  if (lines.empty() || !lines[0].starts_with("item")) return std::nullopt;
  int64_t id = 0;
  std::string_view name, shown;
  const auto finish = [&] {
    if (id > 0 && id <= kMostLabels) names[id - 1] = shown.empty() ? name : shown;
    id = 0;
    name = shown = {};
  };
  for (const auto line : lines) {
    const size_t colon = line.find(':');
    const auto key = trim(line.substr(0, std::min(colon, line.size())));
    const auto value = colon == std::string_view::npos ? std::string_view() : quoted(line.substr(colon + 1));
    if (line.starts_with("item")) finish();
    if (key == "id") std::from_chars(value.data(), value.data() + value.size(), id);
    if (key == "name") name = value;
    if (key == "display_name") shown = value;
  }
  finish();
  if (names.empty()) return std::nullopt;
  return names;
}

bool is_background(const std::string& name) {
  return name == "background" || name == "__background__" || name == "???" || name == "dummy";
}

Labels with_background(Labels labels) {
  labels.names.insert(labels.names.begin(), "background");
  return labels;
}

Labels ade20k_with_background(size_t classes) {
  Labels labels = with_background(parse_labels(kAde20kLabels, "built in: ADE20K"));
  labels.names.resize(classes);
  return labels;
}

}  // namespace

std::string Labels::name(int64_t label) const {
  const bool is_known = label >= 0 && label < static_cast<int64_t>(names.size());
  if (is_known && !names[static_cast<size_t>(label)].empty()) return names[static_cast<size_t>(label)];
  return "label " + std::to_string(label);
}

int Labels::background() const { return !names.empty() && is_background(names[0]) ? 0 : -1; }

Labels parse_labels(std::string_view text, std::string source) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto lines = lines_of(text);
  Labels labels{{}, std::move(source)};
  auto by_number = numbered(lines);
  if (!by_number) by_number = label_map(lines);
  if (by_number) {
    labels.names.resize(static_cast<size_t>(by_number->rbegin()->first) + 1);
    for (const auto& [number, name] : *by_number) labels.names[static_cast<size_t>(number)] = printable(name, 100);
  } else {
    for (const auto line : lines) labels.names.push_back(printable(line, 100));
  }
  return labels;
}

Expected<Labels> read_labels(const std::string& path) {
  ML_ASSIGN(const Buffer file, map_file(path));
  if (file.size_bytes() > kMostFileBytes) {
    return Unexpected(input_error(path, std::to_string(file.size_bytes()) + " bytes",
                                  "a text file with one label a line", "check that this is the label file"));
  }
  Labels labels = parse_labels({reinterpret_cast<const char*>(file.data()), file.size_bytes()}, path);
  if (labels.names.empty()) {
    return Unexpected(input_error(path, "an empty file", "one label a line", "check that this is the label file"));
  }
  return labels;
}

Labels built_in_labels(int64_t classes) {
  switch (classes) {
    case 19:
      return parse_labels(kCityscapesLabels, "built in: Cityscapes");
    case 21:
      return parse_labels(kPascalLabels, "built in: PASCAL VOC");
    case 32:
      return ade20k_with_background(32);
    case 150:
      return parse_labels(kAde20kLabels, "built in: ADE20K");
    case 151:
      return ade20k_with_background(151);
    case 1000:
      return parse_labels(kImagenetLabels, "built in: ImageNet");
    case 1001:
      return with_background(parse_labels(kImagenetLabels, "built in: ImageNet"));
    default:
      return {};
  }
}

Labels built_in_detection_labels(int64_t classes) {
  if (classes == 90 || classes == 91) return parse_labels(kCocoLabels, "built in: COCO");
  if (classes == 20) {
    Labels labels = built_in_labels(21);
    labels.names.erase(labels.names.begin());
    return labels;
  }
  return {};
}

Labels fit_labels(Labels labels, int64_t classes) {
  const auto count = static_cast<int64_t>(labels.names.size());
  if (count == classes + 1 && labels.background() == 0) {
    labels.names.erase(labels.names.begin());
  } else if (count + 1 == classes && count > 0 && labels.background() != 0) {
    return with_background(std::move(labels));
  }
  return labels;
}

std::vector<image::Color> colors_for(int64_t classes) {
  std::vector<image::Color> colors;
  if (classes == 19) {
    colors.assign(image::cityscapes_colors().begin(), image::cityscapes_colors().end());
  } else if (classes == 32 || classes == 150 || classes == 151) {
    colors.assign(image::ade20k_colors().begin(), image::ade20k_colors().end());
    if (classes != 150) colors.insert(colors.begin(), image::Color{});
  } else if (classes == 21) {
    for (int label = 0; label < 256; ++label) colors.push_back(image::pascal_color(label));
  } else {
    colors = image::distinct_colors();
  }
  if (classes > 0 && classes < static_cast<int64_t>(colors.size())) colors.resize(static_cast<size_t>(classes));
  return colors;
}

}  // namespace monolite::tasks
