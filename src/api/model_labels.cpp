#include "api/model_labels.h"

#include "base/text.h"
#include "tflite/associated_files.h"
#include "tflite/metadata.h"

namespace monolite {

std::optional<tasks::Labels> own_labels(const Model& model, std::vector<std::string>& remarks) {
  if (model.associated_files.empty()) return std::nullopt;
  std::vector<std::string> names;
  if (auto metadata = tflite::read_metadata(model); !metadata) {
    remarks.push_back(to_string(metadata.error()));
  } else if (*metadata) {
    for (const auto& t : (*metadata)->outputs) names.insert(names.end(), t.label_files.begin(), t.label_files.end());
  }
  for (const std::string& name : tflite::file_names(model.associated_files)) {
    if (name.find("label") != std::string::npos) names.push_back(name);
  }
  for (const std::string& name : names) {
    const auto text = tflite::read_file_text(model.associated_files, name);
    if (text) return tasks::parse_labels(*text, "the model's " + printable(name));
    remarks.push_back(to_string(text.error()));
  }
  return std::nullopt;
}

}  // namespace monolite
