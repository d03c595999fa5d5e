#include "data/label_map.h"

#include <charconv>
#include <numeric>
#include <optional>

#include "base/text.h"

namespace monolite::data {
namespace {

// Of the training labels 0 to 18, in their order (labels.py of cityscapesScripts).
constexpr std::array<int, 19> kCityscapesNumbers = {7,  8,  11, 12, 13, 17, 19, 20, 21, 22,
                                                    23, 24, 25, 26, 27, 28, 31, 32, 33};

std::optional<int> label_in(const std::string& text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0 || value >= LabelMap::kNoLabels) return std::nullopt;
  return value;
}

}  // namespace

LabelMap::LabelMap() { std::iota(to_.begin(), to_.end(), 0); }

bool LabelMap::is_identity() const { return to_ == LabelMap().to_; }

LabelMap cityscapes_training_labels() {
  LabelMap map;
  for (int label = 0; label < LabelMap::kNoLabels; ++label) map.set(label, LabelMap::kIgnored);
  for (size_t i = 0; i < kCityscapesNumbers.size(); ++i) map.set(kCityscapesNumbers[i], static_cast<int>(i));
  return map;
}

Expected<LabelMap> LabelMap::parse(const std::string& text) {
  LabelMap map;
  if (text == "cityscapes") return cityscapes_training_labels();
  if (text == "ade20k-mlperf") {
    for (int label = 32; label < kNoLabels; ++label) map.set(label, kIgnored);
    return map;
  }
  std::array<bool, kNoLabels> is_named{};
  std::optional<int> rest;
  for (const std::string& part : split(text, ',')) {
    const auto fail = [&](const std::string& expected) {
      return Unexpected(usage_error("--label_map", "\"" + printable(part) + "\"", expected));
    };
    const size_t equals = part.find('=');
    if (equals == std::string::npos) return fail("FROM=TO, with commas between, or cityscapes or ade20k-mlperf");
    const std::string left = part.substr(0, equals), right = part.substr(equals + 1);
    const std::optional<int> to = right == "ignore" ? kIgnored : label_in(right);
    if (!to) return fail("a label of 0 to 255, or ignore, behind =");
    if (left == "*") {
      rest = *to;
      continue;
    }
    const auto from = label_in(left);
    if (!from) return fail("a label of 0 to 255, or *, before =");
    if (is_named[static_cast<size_t>(*from)]) return fail("each label once");
    is_named[static_cast<size_t>(*from)] = true;
    map.set(*from, *to);
  }
  for (int label = 0; rest && label < kNoLabels; ++label) {
    if (!is_named[static_cast<size_t>(label)]) map.set(label, *rest);
  }
  return map;
}

}  // namespace monolite::data
