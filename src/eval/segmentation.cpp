#include "eval/segmentation.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "tasks/answers.h"

namespace monolite::eval {
namespace {

// The sample's labels in the numbers that count; what the map ignores becomes `ignored`.
Expected<void> renumber(data::Sample& s, const Measurement& how) {
  if (!how.label_map.is_identity()) {
    const int ignored = how.ignore_label >= 0 ? how.ignore_label : 255;
    for (uint8_t& label : s.labels) {
      const int to = how.label_map[label];
      label = static_cast<uint8_t>(to == data::LabelMap::kIgnored ? ignored : to);
    }
    return data::check_labels(s, how.classes, ignored);
  }
  return data::check_labels(s, how.classes, how.ignore_label);
}

void renumber(image::Mask& mask, const data::LabelMap& map) {
  if (map.is_identity()) return;
  for (uint16_t& label : mask.labels) {
    if (label >= data::LabelMap::kNoLabels) continue;
    const int to = map[label];
    label = to == data::LabelMap::kIgnored ? uint16_t{65535} : static_cast<uint16_t>(to);
  }
}

int ignored_by(const Measurement& how) {
  return how.ignore_label < 0 && !how.label_map.is_identity() ? 255 : how.ignore_label;
}

// The labels where the picture lies in the model's output, by nearest pixel; the predictions there.
Expected<void> add_in_crop(const data::Sample& s, const Prediction& p, int ignore_label, Confusion& to) {
  image::Mask labels(s.width, s.height);
  std::copy(s.labels.begin(), s.labels.end(), labels.labels.begin());
  const image::Rect part = tasks::seen_part(p.labels, p.feed);
  ML_ASSIGN(const image::Mask small, image::resize_nearest(labels, p.feed.placement.from, part.width, part.height));
  std::vector<uint8_t> row(static_cast<size_t>(part.width));
  for (int32_t y = 0; y < part.height; ++y) {
    std::transform(small.row(y), small.row(y) + part.width, row.begin(),
                   [](uint16_t l) { return static_cast<uint8_t>(l); });
    to.add(row, {p.labels.row(y), row.size()}, ignore_label);
  }
  return {};
}

Expected<void> measure_one(const data::Source& source, int64_t index, const Measurement& how, Predictor& predictor,
                           Confusion& to) {
  ML_ASSIGN(data::Sample sample, source.load(index));
  ML_TRY(renumber(sample, how));
  ML_ASSIGN(Prediction p, predictor.predict(sample));
  renumber(p.labels, how.prediction_map);
  const int ignore_label = ignored_by(how);
  if (how.in_crop && !p.is_in_picture) return add_in_crop(sample, p, ignore_label, to);
  if (!p.is_in_picture) {
    ML_ASSIGN(p.labels, tasks::in_picture(p.labels, p.feed));
  }
  to.add(sample.labels, p.labels.labels, ignore_label);
  return {};
}

// What the threads share.
struct Work {
  std::atomic<int64_t> next = 0;
  std::mutex mutex;  // of all below
  int64_t done = 0;
  int64_t failed_at = -1;
  std::optional<Error> error;
  Confusion sum;

  explicit Work(int classes) : sum(classes) {}

  // The error of the earliest sample is the one that is told.
  void fail(int64_t index, Error e) {
    const std::lock_guard lock(mutex);
    if (failed_at >= 0 && failed_at <= index) return;
    failed_at = index;
    error = std::move(e);
  }
};

}  // namespace

Expected<Confusion> measure(const data::Source& source, const Measurement& how,
                            const std::function<Expected<std::unique_ptr<Predictor>>()>& make_predictor) {
  const int64_t samples = how.samples > 0 ? std::min(how.samples, source.size()) : source.size();
  const int threads = static_cast<int>(std::clamp<int64_t>(how.threads, 1, std::max<int64_t>(samples, 1)));
  std::vector<std::unique_ptr<Predictor>> predictors;
  for (int t = 0; t < threads; ++t) {
    ML_ASSIGN(auto predictor, make_predictor());
    predictors.push_back(std::move(predictor));
  }
  Work work(how.classes);
  const auto run = [&](Predictor& predictor) {
    Confusion mine(how.classes);
    for (int64_t i = work.next++; i < samples; i = work.next++) {
      if (auto done = measure_one(source, i, how, predictor, mine); !done) {
        work.fail(i, std::move(done).error());
        work.next = samples;
        break;
      }
      const std::lock_guard lock(work.mutex);
      ++work.done;
      if (how.progress) how.progress(work.done, samples);
    }
    const std::lock_guard lock(work.mutex);
    work.sum.add(mine);
  };
  std::vector<std::thread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(run, std::ref(*predictors[static_cast<size_t>(t)]));
  run(*predictors[0]);
  for (std::thread& t : helpers) t.join();
  if (work.error) return Unexpected(std::move(*work.error));
  return std::move(work.sum);
}

}  // namespace monolite::eval
