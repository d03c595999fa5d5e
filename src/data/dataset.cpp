#include "data/dataset.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "data/dataset_json.h"
#include "data/files.h"
#include "data/records.h"
#include "data/scene.h"
#include "data/scene_splits.h"

namespace monolite::data {
namespace {

// What the names of research/deeplab's data_generator.py stand for.
struct Known {
  std::string_view name;
  int classes, ignore_label;
};
constexpr Known kKnown[] = {{"pascal_voc_seg", 21, 255}, {"cityscapes", 19, 255}, {"ade20k", 151, 0}};

class Scenes final : public Source {
 public:
  Scenes(const SceneSplit& split, int height, int width) : split_(split), height_(height), width_(width) {}
  int64_t size() const override { return split_.size; }
  Expected<Sample> load(int64_t index) const override {
    const uint64_t seed = split_.first_seed + static_cast<uint64_t>(index);
    Scene s = scene(seed, height_, width_);
    return Sample{s.height, s.width, std::move(s.image), std::move(s.labels), fmt::format("scene_{}", seed)};
  }

 private:
  SceneSplit split_;
  int height_, width_;
};

// Another source with labels of other numbers.
class Renumbered final : public Source {
 public:
  Renumbered(std::unique_ptr<Source> source, const LabelMap& map, int ignore_label)
      : source_(std::move(source)), map_(map), ignore_label_(ignore_label) {}
  int64_t size() const override { return source_->size(); }
  Expected<Sample> load(int64_t index) const override {
    ML_ASSIGN(Sample s, source_->load(index));
    for (uint8_t& label : s.labels) {
      const int to = map_[label];
      label = static_cast<uint8_t>(to == LabelMap::kIgnored ? ignore_label_ : to);
    }
    return s;
  }

 private:
  std::unique_ptr<Source> source_;
  LabelMap map_;
  int ignore_label_;
};

Expected<Dataset> scenes(const DatasetRequest& r) {
  for (const SceneSplit& s : kSceneSplits) {
    if (s.name != r.split) continue;
    Dataset d{std::make_unique<Scenes>(s, r.height, r.width),
              fmt::format("scenes of {}", image::size_text(r.width, r.height)), static_cast<int>(kSceneClasses.size())};
    d.names.assign(kSceneClasses.begin(), kSceneClasses.end());
    return d;
  }
  return Unexpected(usage_error("--dataset=scenes", "split \"" + printable(r.split) + "\"", "train, val or test"));
}

Error no_split(const DatasetRequest& r, const std::vector<std::string>& there) {
  return input_error(printable(r.folder), "no split \"" + printable(r.split) + "\"",
                     fmt::format("one of {}", fmt::join(there, ", ")), "name one with the split's flag");
}

Expected<Dataset> described(const DatasetRequest& r) {
  ML_ASSIGN(Description description, read_description(r.folder));
  const auto split = description.splits.find(r.split);
  if (split == description.splits.end()) {
    std::vector<std::string> there;
    for (const auto& [name, ignored] : description.splits) there.push_back(printable(name));
    return Unexpected(no_split(r, there));
  }
  Dataset d;
  d.classes = static_cast<int>(description.classes.size());
  d.ignore_label = description.ignore_label;
  for (const ClassName& c : description.classes) {
    d.names.push_back(c.name);
    d.colors.push_back(c.color);
  }
  d.description = printable(r.folder);
  if (split->second.records.empty()) {
    d.source = files_source(std::move(split->second.pairs), LabelMap(), 255);
  } else {
    ML_ASSIGN(d.source, records_source(split->second.records));
  }
  return d;
}

Expected<Dataset> in_records(const DatasetRequest& r, const std::vector<std::string>& splits) {
  const auto files = record_files(r.folder, r.split);
  if (files.empty()) return Unexpected(no_split(r, splits));
  Dataset d;
  d.description = "TFRecords in " + printable(r.folder);
  ML_ASSIGN(d.source, records_source(files));
  return d;
}

Expected<Dataset> in_folders(const DatasetRequest& r) {
  std::error_code ignored;
  if (r.images.empty() && std::filesystem::exists(std::filesystem::path(r.folder) / kDescriptionFile, ignored))
    return described(r);
  const auto splits = r.images.empty() ? record_splits(r.folder) : std::vector<std::string>();
  if (!splits.empty()) return in_records(r, splits);
  FolderLayout layout{"pictures and masks", {}, {}, 0, 255};
  if (!r.images.empty()) {
    ML_ASSIGN(layout.pairs, pair_by_name(r.images, r.masks));
  } else {
    ML_ASSIGN(layout, find_layout(r.folder, r.split));
  }
  Dataset d;
  d.classes = layout.classes;
  d.ignore_label = layout.ignore_label;
  d.description = fmt::format("{} in {}", layout.kind, printable(r.images.empty() ? r.folder : r.images));
  // What the numbering leaves out needs a number that no class has.
  const int left_out = r.ignore_label.value_or(layout.ignore_label);
  d.source = files_source(std::move(layout.pairs), layout.numbering, left_out < 0 ? 255 : left_out);
  return d;
}

Expected<Dataset> open(DatasetRequest r) {
  if (r.images.empty() != r.masks.empty()) {
    return Unexpected(usage_error("--images and --masks", "one of them", "both"));
  }
  if (r.name == "scenes") return scenes(r);
  std::error_code ignored;
  if (r.folder.empty() && std::filesystem::is_directory(r.name, ignored)) r.folder = std::exchange(r.name, {});
  const Known* known = nullptr;
  std::vector<std::string> names{"scenes"};
  for (const Known& k : kKnown) {
    names.emplace_back(k.name);
    if (k.name == r.name) known = &k;
  }
  if (known == nullptr && !r.name.empty() && (r.folder.empty() || !r.classes)) {
    return Unexpected(usage_error("--dataset", "\"" + printable(r.name) + "\"",
                                  fmt::format("a folder, or one of {}", fmt::join(names, ", ")),
                                  "any other name needs --dataset_dir and --num_classes"));
  }
  if (r.folder.empty() && r.images.empty()) {
    return Unexpected(usage_error("--dataset", r.name.empty() ? "nothing" : printable(r.name),
                                  r.name.empty() ? fmt::format("a folder, or one of {}", fmt::join(names, ", "))
                                                 : "its folder besides: --dataset_dir=DIR"));
  }
  ML_ASSIGN(Dataset d, in_folders(r));
  if (known != nullptr && d.classes == 0) {
    d.classes = known->classes;
    d.ignore_label = known->ignore_label;
  }
  return d;
}

}  // namespace

Expected<Dataset> open_dataset(const DatasetRequest& r) {
  ML_ASSIGN(Dataset d, open(r));
  if (d.source->size() <= 0) {
    return Unexpected(input_error(d.description, "no pictures in split \"" + printable(r.split) + "\"", "at least one",
                                  "check the folder and the split"));
  }
  if (r.classes) d.classes = *r.classes;
  if (r.ignore_label) d.ignore_label = *r.ignore_label;
  if (!r.label_map.is_identity()) {
    if (d.ignore_label < 0) d.ignore_label = 255;
    d.source = std::make_unique<Renumbered>(std::move(d.source), r.label_map, d.ignore_label);
  }
  if (r.images.empty()) d.description += ", split " + printable(r.split);
  d.description += fmt::format(", {} pictures", with_commas(d.source->size()));
  return d;
}

}  // namespace monolite::data
