#include "data/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/text.h"
#include "image/read.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 10'000'000;

Error too_large(const std::string& file, const image::Mask& mask, size_t i) {
  const auto width = static_cast<size_t>(mask.width);
  return input_error(printable(file),
                     fmt::format("label {} at column {}, row {}", mask.labels[i], i % width, i / width),
                     "labels of 0 to 255", "more classes than that are not done");
}

class Files final : public Source {
 public:
  Files(std::vector<FilePair> pairs, const LabelMap& numbering, int ignore_label)
      : pairs_(std::move(pairs)), numbering_(numbering), ignore_label_(ignore_label) {}

  int64_t size() const override { return static_cast<int64_t>(pairs_.size()); }

  Expected<Sample> load(int64_t index) const override {
    const FilePair& pair = pairs_[static_cast<size_t>(index)];
    ML_ASSIGN(image::Image picture, image::read_image(pair.image));
    ML_ASSIGN(const image::Mask mask, image::read_mask(pair.mask));
    return labelled(std::move(picture), mask, numbering_, ignore_label_, pair.image, pair.mask);
  }

 private:
  std::vector<FilePair> pairs_;
  LabelMap numbering_;
  int ignore_label_;
};

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool ends_like_a_picture(const fs::path& path) {
  std::string end = path.extension().string();
  std::transform(end.begin(), end.end(), end.begin(), [](unsigned char c) { return std::tolower(c); });
  return end == ".png" || end == ".jpg" || end == ".jpeg" || end == ".bmp";
}

Expected<std::vector<fs::path>> entries(const fs::path& folder) {
  std::error_code failed;
  std::vector<fs::path> all;
  for (fs::directory_iterator i(folder, failed), end; !failed && i != end && all.size() < kMostFiles;
       i.increment(failed)) {
    all.push_back(i->path());
  }
  if (failed) return Unexpected(input_error(printable(folder.string()), failed.message(), "a folder that can be read"));
  std::sort(all.begin(), all.end());
  return all;
}

Error no_split(const fs::path& where, const std::string& split, std::vector<std::string> there) {
  std::sort(there.begin(), there.end());
  if (there.size() > 12) there.resize(12);
  return input_error(printable(where.string()), "no split \"" + printable(split) + "\"",
                     there.empty() ? "at least one" : fmt::format("one of {}", fmt::join(there, ", ")),
                     "name one with the split's flag");
}

std::vector<std::string> names_in(const fs::path& folder, const std::string& extension) {
  std::vector<std::string> names;
  const auto all = entries(folder);
  if (!all) return names;
  for (const fs::path& p : *all) {
    if (extension.empty() ? is_folder(p) : p.extension() == extension) names.push_back(printable(p.stem().string()));
  }
  return names;
}

Error no_mask(const std::string& image, const std::string& wanted) {
  return input_error(printable(image), "no mask for this picture", printable(wanted),
                     "add the mask, or take the picture away");
}

Expected<FolderLayout> voc(const fs::path& root, const std::string& split) {
  FolderLayout layout{"PASCAL VOC", {}, {}, 21, 255};
  const fs::path lists = root / "ImageSets" / "Segmentation", list = lists / (split + ".txt");
  if (!is_file(list)) return Unexpected(no_split(lists, split, names_in(lists, ".txt")));
  fs::path masks = root / "SegmentationClass";
  for (const char* better : {"SegmentationClassRaw", "SegmentationClassAug"}) {
    if (is_folder(root / better)) masks = root / better;
  }
  std::ifstream in(list);
  std::string name;
  while (in >> name && layout.pairs.size() < kMostFiles) {
    if (name.find("..") != std::string::npos) continue;
    layout.pairs.push_back({(root / "JPEGImages" / (name + ".jpg")).string(), (masks / (name + ".png")).string()});
  }
  return layout;
}

Expected<FolderLayout> cityscapes(const fs::path& root, const std::string& split) {
  FolderLayout layout{"Cityscapes", {}, {}, 19, 255};
  const fs::path images = root / "leftImg8bit" / split;
  if (!is_folder(images)) return Unexpected(no_split(root / "leftImg8bit", split, names_in(root / "leftImg8bit", "")));
  constexpr std::string_view kEnd = "_leftImg8bit";
  std::optional<bool> has_training_labels;
  ML_ASSIGN(const auto cities, entries(images));
  for (const fs::path& city : cities) {
    if (!is_folder(city)) continue;
    ML_ASSIGN(const auto files, entries(city));
    for (const fs::path& file : files) {
      std::string stem = file.stem().string();
      if (!ends_like_a_picture(file) || !stem.ends_with(kEnd)) continue;
      stem.resize(stem.size() - kEnd.size());
      const fs::path masks = root / "gtFine" / split / city.filename();
      const fs::path training = masks / (stem + "_gtFine_labelTrainIds.png");
      const fs::path numbers = masks / (stem + "_gtFine_labelIds.png");
      if (!has_training_labels) has_training_labels = is_file(training);
      const fs::path& mask = *has_training_labels ? training : numbers;
      if (!is_file(mask)) return Unexpected(no_mask(file.string(), mask.string()));
      layout.pairs.push_back({file.string(), mask.string()});
    }
  }
  if (!has_training_labels.value_or(true)) layout.numbering = cityscapes_training_labels();
  return layout;
}

Expected<FolderLayout> ade20k(const fs::path& root, const std::string& split) {
  const std::string folder = split == "train" ? "training" : split == "val" ? "validation" : split;
  if (!is_folder(root / "images" / folder) || !is_folder(root / "annotations" / folder))
    return Unexpected(no_split(root / "images", split, names_in(root / "images", "")));
  FolderLayout layout{"ADE20K", {}, {}, 151, 0};
  ML_ASSIGN(layout.pairs, pair_by_name((root / "images" / folder).string(), (root / "annotations" / folder).string()));
  return layout;
}

Expected<FolderLayout> plain(const fs::path& root, const std::string& split) {
  FolderLayout layout{"images and masks", {}, {}, 0, 255};
  const bool has_splits = is_folder(root / "images" / split) && is_folder(root / "masks" / split);
  const auto inner = names_in(root / "images", "");
  if (!has_splits && !inner.empty()) return Unexpected(no_split(root / "images", split, inner));
  const std::string below = has_splits ? "/" + split : "";
  ML_ASSIGN(layout.pairs, pair_by_name((root / "images").string() + below, (root / "masks").string() + below));
  return layout;
}

}  // namespace

Expected<Sample> labelled(image::Image picture, const image::Mask& mask, const LabelMap& numbering, int ignore_label,
                          const std::string& image_name, const std::string& mask_name) {
  if (mask.width != picture.width || mask.height != picture.height) {
    return Unexpected(input_error(
        printable(mask_name), image::size_text(mask.width, mask.height),
        fmt::format("{}, as {} has", image::size_text(picture.width, picture.height), printable(image_name)),
        "a mask has a label for every pixel: make it again in the picture's size"));
  }
  Sample s{picture.height, picture.width, std::move(picture.rgb), {}, image_name};
  s.labels.resize(mask.labels.size());
  for (size_t i = 0; i < mask.labels.size(); ++i) {
    if (mask.labels[i] >= LabelMap::kNoLabels) return Unexpected(too_large(mask_name, mask, i));
    const int label = numbering[mask.labels[i]];
    s.labels[i] = static_cast<uint8_t>(label == LabelMap::kIgnored ? ignore_label : label);
  }
  return s;
}

std::unique_ptr<Source> files_source(std::vector<FilePair> pairs, const LabelMap& numbering, int ignore_label) {
  return std::make_unique<Files>(std::move(pairs), numbering, ignore_label);
}

Expected<std::vector<std::string>> pictures_in(const std::string& folder) {
  ML_ASSIGN(const auto all, entries(folder));
  std::vector<std::string> files;
  for (const fs::path& p : all) {
    if (ends_like_a_picture(p) && is_file(p)) files.push_back(p.string());
  }
  return files;
}

Expected<std::vector<FilePair>> pair_by_name(const std::string& images, const std::string& masks) {
  ML_ASSIGN(const auto files, pictures_in(images));
  std::vector<FilePair> pairs;
  for (const std::string& file : files) {
    const fs::path stem = fs::path(masks) / fs::path(file).stem();
    std::string mask;
    for (const char* end : {".png", ".bmp", ".PNG", ".BMP"}) {
      if (mask.empty() && is_file(stem.string() + end)) mask = stem.string() + end;
    }
    if (mask.empty()) return Unexpected(no_mask(file, stem.string() + ".png"));
    pairs.push_back({file, mask});
  }
  if (pairs.empty())
    return Unexpected(input_error(printable(images), "no pictures", "files that end in .png, .jpg, .jpeg or .bmp"));
  return pairs;
}

Expected<FolderLayout> find_layout(const std::string& folder, const std::string& split) {
  if (!is_folder(folder)) return Unexpected(input_error(printable(folder), "no such folder", "a data set's folder"));
  for (const fs::path& root :
       {fs::path(folder), fs::path(folder) / "VOC2012", fs::path(folder) / "VOCdevkit" / "VOC2012"}) {
    if (is_folder(root / "JPEGImages") && is_folder(root / "ImageSets" / "Segmentation")) return voc(root, split);
  }
  const fs::path root = folder;
  if (is_folder(root / "leftImg8bit") && is_folder(root / "gtFine")) return cityscapes(root, split);
  if (is_folder(root / "images") && is_folder(root / "annotations")) return ade20k(root, split);
  if (is_folder(root / "images") && is_folder(root / "masks")) return plain(root, split);
  return Unexpected(input_error(
      printable(folder), "no data set that is known here",
      "dataset.json, TFRecords (SPLIT-00000-of-0000N.tfrecord), or the folders of PASCAL VOC (JPEGImages, ImageSets), "
      "Cityscapes (leftImg8bit, gtFine), ADE20K (images, annotations), or images and masks",
      "`monolite dataset make` makes one of pictures and masks"));
}

}  // namespace monolite::data
