#include "data/source.h"

#include <fmt/format.h>

#include "base/text.h"

namespace monolite::data {

Expected<void> check_labels(const Sample& s, int classes, int ignore_label) {
  for (size_t i = 0; i < s.labels.size(); ++i) {
    const int label = s.labels[i];
    if (label < classes || label == ignore_label) continue;
    const auto width = static_cast<size_t>(s.width);
    return Unexpected(
        input_error(printable(s.name), fmt::format("label {} at column {}, row {}", label, i % width, i / width),
                    ignore_label >= 0 ? fmt::format("0 to {}, or {} for what does not count", classes - 1, ignore_label)
                                      : fmt::format("0 to {}", classes - 1),
                    "check --num_classes and --ignore_label against the data set; --label_map gives labels other "
                    "numbers"));
  }
  return {};
}

}  // namespace monolite::data
