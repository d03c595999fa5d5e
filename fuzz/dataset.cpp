// Any bytes as a dataset.json (first byte 0), a file of class names (1), or a map of labels: an error, or a description
// that is written and read back the same.
#include <cstdlib>

#include "data/dataset_json.h"
#include "data/label_file.h"
#include "data/label_map.h"
#include "scratch_folder.h"

namespace {

using namespace monolite;

void describe(const std::string& text) {
  static const fuzz::ScratchFolder folder;
  const std::string path = folder.file("");
  folder.write(data::kDescriptionFile, text);
  const auto first = data::read_description(path);
  if (!first) return;
  folder.write(data::kDescriptionFile, data::description_text(*first));
  const auto second = data::read_description(path);
  if (!second || second->classes.size() != first->classes.size() || second->splits.size() != first->splits.size())
    std::abort();
  if (second->ignore_label != first->ignore_label) std::abort();
  for (size_t i = 0; i < first->classes.size(); ++i) {
    if (second->classes[i].name != first->classes[i].name || second->classes[i].color != first->classes[i].color)
      std::abort();
  }
  for (const auto& [name, split] : first->splits) {
    const auto again = second->splits.find(name);
    if (again == second->splits.end() || again->second.pairs.size() != split.pairs.size() ||
        again->second.records.size() != split.records.size())
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(input) + 1, size - 1);
  if (input[0] == 0) {
    describe(text);
  } else if (input[0] == 1) {
    (void)data::parse_label_file(text, "fuzz");
  } else {
    (void)data::LabelMap::parse(text);
  }
  return 0;
}
