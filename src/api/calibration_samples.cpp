#include "api/calibration_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>

#include "api/model_inputs.h"
#include "base/text.h"

namespace monolite {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 1'000'000;

using Files = std::vector<std::string>;  // of one sample

bool is_sample_file(const fs::path& path) {
  static constexpr std::array kEndings = {".png", ".jpg", ".jpeg", ".bmp", ".npy"};
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

Error nothing_in(const std::string& path, const std::string& expected) {
  return input_error(path, "nothing to calibrate with", expected,
                     "give some 50 to 100 pictures of the kind that the model will see");
}

Expected<Files> files_in(const std::string& path) {
  std::error_code failed;
  if (!fs::is_directory(path, failed)) {
    if (!fs::exists(path, failed)) return Unexpected(input_error(path, "no such folder", "a folder of pictures"));
    return Files{path};
  }
  Files files;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, failed), end;
  for (; !failed && it != end && files.size() < kMostFiles; it.increment(failed)) {
    std::error_code ignored;
    if (is_sample_file(it->path()) && it->is_regular_file(ignored)) files.push_back(it->path().string());
  }
  if (failed) return Unexpected(input_error(path, failed.message(), "a folder that can be read"));
  std::sort(files.begin(), files.end());
  if (files.empty()) return Unexpected(nothing_in(path, "pictures (PNG, JPEG, BMP) or .npy files in it"));
  return files;
}

// "2.npy" before "10.npy".
bool by_number(const std::string& a, const std::string& b) {
  const std::string x = fs::path(a).stem().string(), y = fs::path(b).stem().string();
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

Expected<std::vector<Files>> samples_in(const std::string& path, size_t inputs) {
  ML_ASSIGN(const Files files, files_in(path));
  std::vector<Files> samples;
  if (inputs == 1) {
    for (const std::string& file : files) samples.push_back({file});
    return samples;
  }
  std::map<std::string, Files> folders;
  for (const std::string& file : files) folders[fs::path(file).parent_path().string()].push_back(file);
  for (auto& [folder, own] : folders) {
    std::sort(own.begin(), own.end(), by_number);
    if (own.size() == inputs) samples.push_back(std::move(own));
  }
  if (samples.empty()) {
    return Unexpected(
        nothing_in(path, fmt::format("folders that hold {} files each, one for each input: 0.npy, 1.npy, … as "
                                     "`monolite run MODEL --input … --dump-inputs DIR/1` writes them",
                                     inputs)));
  }
  return samples;
}

// What is needed for every sample, looked up once.
struct Loader {
  const Model& model;
  std::vector<Files> samples;
  tasks::TensorShapes shapes;
  FeedRequest request;

  Expected<std::vector<FedInput>> fed(size_t i) const {
    std::vector<GivenInput> given;
    for (const std::string& file : samples[i]) given.push_back({"", file});
    ML_ASSIGN(const auto opened, open_inputs(model, given, false));
    return feed_inputs(model, shapes, opened, request);
  }
  Expected<std::vector<ops::Value>> values(size_t i) const {
    ML_ASSIGN(std::vector<FedInput> inputs, fed(i));
    std::vector<ops::Value> made;
    for (FedInput& in : inputs) made.push_back(std::move(in.value));
    return made;
  }
};

template <class T>
std::vector<T> spread(const std::vector<T>& all, size_t most) {
  if (most == 0 || all.size() <= most) return all;
  std::vector<T> some;
  for (size_t i = 0; i < most; ++i) some.push_back(all[i * all.size() / most]);
  return some;
}

SampleSet::PictureRange range_of(size_t input, const tasks::Normalization& n) {
  SampleSet::PictureRange r{input, 0, 0};
  for (size_t c = 0; c < std::max(n.mean.size(), n.std.size()); ++c) {
    const double mean = n.mean[n.mean.size() == 1 ? 0 : c], std_dev = n.std[n.std.size() == 1 ? 0 : c];
    for (const double pixel : {0.0, 255.0}) {
      r.min = std::min(r.min, (pixel - mean) / std_dev);
      r.max = std::max(r.max, (pixel - mean) / std_dev);
    }
  }
  return r;
}

}  // namespace

Expected<SampleSet> open_samples(const Model& model, const SampleRequest& request) {
  const size_t inputs = model.main().inputs.size();
  if (inputs == 0) return Unexpected(input_error(model.path, "a model without inputs", "one or more"));
  ML_ASSIGN(const auto all, samples_in(request.path, inputs));
  auto loader = std::make_shared<Loader>(
      Loader{model, spread(all, static_cast<size_t>(std::max(request.most, 0))), inferred_shapes(model), {}});
  SampleSet set;
  set.task = tasks::recognise(model, loader->shapes);
  loader->request = {set.task.kind, tasks::usual_fit(set.task.kind), request.normalization};
  const size_t count = loader->samples.size();
  set.said = fmt::format("{} {} of {}", count, inputs == 1 ? (count == 1 ? "file" : "files") : "folders",
                         printable(request.path));
  if (count < all.size()) set.said += fmt::format(" (it holds {})", all.size());
  ML_ASSIGN(const auto first, loader->fed(0));
  for (size_t i = 0; i < first.size(); ++i) {
    if (first[i].feed) set.picture_ranges.push_back(range_of(i, first[i].feed->normalization));
  }
  set.samples = {count, [loader](size_t i) { return loader->values(i); }};
  return set;
}

quantize::Samples some_of(const quantize::Samples& samples, size_t most) {
  if (samples.count <= most || most == 0) return samples;
  return {most, [load = samples.load, count = samples.count, most](size_t i) { return load(i * count / most); }};
}

}  // namespace monolite
