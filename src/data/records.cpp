#include "data/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "data/files.h"
#include "image/png.h"
#include "image/read.h"
#include "tensorflow/example.h"
#include "tensorflow/tf_record.h"

namespace monolite::data {
namespace {

namespace fs = std::filesystem;
namespace tf = monolite::tensorflow;

constexpr const char *kImage = "image/encoded", *kMask = "image/segmentation/class/encoded", *kName = "image/filename";

// "train" of train-00000-of-00010.tfrecord, train-00000-of-00010 and train.tfrecord; "" of other files.
std::string split_of(const fs::path& file) {
  std::string name = file.filename().string();
  bool is_record = false;
  for (const std::string_view end : {".tfrecords", ".tfrecord"}) {
    if (!name.ends_with(end)) continue;
    name.resize(name.size() - end.size());
    is_record = true;
  }
  const size_t of = name.rfind("-of-");
  if (of == std::string::npos) return is_record ? name : "";
  const size_t dash = of == 0 ? std::string::npos : name.rfind('-', of - 1);
  return dash == std::string::npos ? "" : name.substr(0, dash);
}

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator i(folder, failed), end; !failed && i != end; i.increment(failed)) {
    if (i->is_regular_file(failed)) files.push_back(i->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The one value of a feature of bytes; nothing where there is none.
const std::string* find_bytes(const tf::Example& example, const char* key) {
  const auto found = example.find(key);
  const auto* values = found == example.end() ? nullptr : std::get_if<tf::BytesList>(&found->second);
  return values == nullptr || values->empty() ? nullptr : &values->front();
}

Expected<Buffer> bytes_of(const tf::Example& example, const char* key) {
  if (const std::string* bytes = find_bytes(example, key)) return Buffer::copy_of(std::as_bytes(std::span(*bytes)));
  std::vector<std::string> there;
  for (const auto& [name, feature] : example) there.push_back(printable(name));
  if (there.size() > 10) there.resize(10);
  return Unexpected(input_error("", fmt::format("no feature {}", key),
                                fmt::format("it beside {}", fmt::join(there, ", ")),
                                "DeepLab's features are needed: build_data.py, or `monolite dataset make --tfrecord`"));
}

class Records final : public Source {
 public:
  explicit Records(std::vector<tf::TfRecordFile> files) : files_(std::move(files)) {
    for (const tf::TfRecordFile& f : files_) ends_.push_back(size() + static_cast<int64_t>(f.size()));
  }

  int64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }

  Expected<Sample> load(int64_t index) const override {
    const auto i = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin());
    const int64_t within = index - (i == 0 ? 0 : ends_[i - 1]);
    auto sample = decode(files_[i], within);
    if (sample) return sample;
    return Unexpected(sample.error().at(fmt::format("{}, record {}", printable(files_[i].name()), within)));
  }

 private:
  static Expected<Sample> decode(const tf::TfRecordFile& file, int64_t within) {
    ML_ASSIGN(const auto record, file.record(static_cast<size_t>(within)));
    ML_ASSIGN(const tf::Example example, tf::parse_example(record, ""));
    const std::string* name = find_bytes(example, kName);
    Sample s;
    s.name = name != nullptr ? *name : fmt::format("{}_{}", fs::path(file.name()).filename().string(), within);
    ML_ASSIGN(const Buffer image_bytes, bytes_of(example, kImage));
    ML_ASSIGN(const Buffer mask_bytes, bytes_of(example, kMask));
    ML_ASSIGN(image::Image picture, image::decode_image(image_bytes, printable(s.name)));
    ML_ASSIGN(const image::Mask mask, image::decode_mask(mask_bytes, "the mask of " + printable(s.name)));
    return labelled(std::move(picture), mask, LabelMap(), 255, s.name, "the mask of " + s.name);
  }

  std::vector<tf::TfRecordFile> files_;
  std::vector<int64_t> ends_;  // of each file, in pictures
};

tf::BytesList text(std::string_view value) { return {std::string(value)}; }
tf::BytesList text(std::span<const std::byte> bytes) {
  return text(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

std::vector<std::string> record_files(const std::string& folder, const std::string& split) {
  std::vector<std::string> files;
  for (const fs::path& file : files_in(folder)) {
    if (!split.empty() && split_of(file) == split) files.push_back(file.string());
  }
  return files;
}

std::vector<std::string> record_splits(const std::string& folder) {
  std::set<std::string> splits;
  for (const fs::path& file : files_in(folder)) splits.insert(split_of(file));
  splits.erase("");
  return {splits.begin(), splits.end()};
}

Expected<std::unique_ptr<Source>> records_source(const std::vector<std::string>& files) {
  std::vector<tf::TfRecordFile> opened;
  for (const std::string& path : files) {
    ML_ASSIGN(tf::TfRecordFile file, tf::TfRecordFile::open(path));
    opened.push_back(std::move(file));
  }
  return std::make_unique<Records>(std::move(opened));
}

std::string segmentation_record(const std::string& name, std::span<const std::byte> image, int height, int width,
                                std::span<const std::byte> mask) {
  return tf::write_example({{kImage, text(image)},
                            {kName, text(name)},
                            {"image/format", text(image::is_png(image) ? "png" : "jpeg")},
                            {"image/height", tf::Int64List{height}},
                            {"image/width", tf::Int64List{width}},
                            {"image/channels", tf::Int64List{3}},
                            {kMask, text(mask)},
                            {"image/segmentation/class/format", text("png")}});
}

}  // namespace monolite::data
