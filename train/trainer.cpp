#include "trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "events.h"
#include "image/palette.h"

namespace monolite::train {
namespace {

namespace tf = monolite::tensorflow;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constexpr const char* kCurveHeader = "step,loss,learning_rate,images_per_second,miou\n";

class Trainer {
 public:
  Trainer(const TrainOptions& options, const Source& source, const Source* validation, const std::atomic<bool>& stop,
          const Listener& listener, Network network)
      : o_(options),
        source_(source),
        validation_(validation),
        stop_(stop),
        listener_(listener),
        network_(std::move(network)) {}

  Expected<TrainReport> run() {
    ML_TRY(make_folder(o_.logdir));
    ML_TRY(start());
    report_.first_step = report_.step;
    ML_TRY(open_curve());
    if (is_first()) {
      ML_ASSIGN(EventFile events, EventFile::create(o_.logdir));
      events_ = std::move(events);
    }
    Feeder feeder(source_, o_.feed, report_.step, o_.schedule.steps);
    saved_at_ = ticked_at_ = Clock::now();
    while (report_.step < o_.schedule.steps && !stops_) {
      ML_ASSIGN(const Batch batch, feeder.next());
      ML_TRY(update(batch));
    }
    report_.is_complete = report_.step >= o_.schedule.steps;
    // Also where there was nothing to do: that writes weights without the optimizer's slots.
    if (is_first() && (saved_step_ != report_.step || report_.checkpoint.empty())) ML_TRY(save());
    if (is_first() && report_.is_complete && report_.step > report_.first_step && report_.miou) {
      ML_ASSIGN(const bool were_cut, cuts_pictures());
      if (were_cut) ML_TRY(validate_whole());
    }
    return report_;
  }

 private:
  bool is_first() const { return o_.workers == nullptr || o_.workers->rank() == 0; }

  Expected<void> start() {
    if (std::filesystem::exists(o_.logdir + "/checkpoint")) return resume();
    if (o_.must_resume) {
      return Unexpected(input_error(o_.logdir, "no checkpoint to go on from", "a folder that a training has written",
                                    "check --train_logdir, or leave --resume out"));
    }
    if (o_.initial_checkpoint.empty()) return {};
    ML_ASSIGN(const tf::Checkpoint c, tf::Checkpoint::open(o_.initial_checkpoint));
    ML_ASSIGN(const Loaded l, network_.load(c, {.initialize_last_layer = o_.initialize_last_layer}));
    remark(fmt::format("{}: {} variables taken{}", c.prefix(), l.restored,
                       l.kept.empty() ? "" : fmt::format(", {} keep their start ({}, …)", l.kept.size(), l.kept[0])));
    return {};
  }

  Expected<void> resume() {
    ML_ASSIGN(const tf::Checkpoint c, tf::Checkpoint::open(o_.logdir));
    ML_ASSIGN(const Loaded l, network_.load(c, {.is_resume = true}));
    report_.step = saved_step_ = l.global_step;
    report_.checkpoint = c.prefix();
    kept_.push_back(std::filesystem::path(c.prefix()).filename());
    remark(fmt::format("going on from {}, step {}", c.prefix(), l.global_step));
    return {};
  }

  // The curve so far; what a killed run wrote behind its last checkpoint goes.
  Expected<void> open_curve() {
    if (!is_first()) return {};
    curve_ = kCurveHeader;
    std::ifstream old(o_.logdir + "/train.csv");
    std::string line;
    std::getline(old, line);
    while (report_.step > 0 && std::getline(old, line)) {
      if (std::atoll(line.c_str()) <= report_.step) curve_ += line + "\n";
    }
    return write_file(o_.logdir + "/train.csv", curve_);
  }

  Expected<void> update(const Batch& batch) {
    const double rate = learning_rate(o_.schedule, report_.step);
    ML_ASSIGN(const double loss, network_.step(batch, report_.step, rate));
    ++report_.step;
    ML_ASSIGN(const double common, agree(loss));
    sum_ += common;
    ++summed_;
    const bool due = report_.step % std::max(o_.log_steps, 1) == 0 || report_.step == o_.schedule.steps;
    if (!is_first()) return {};
    if (due) ML_TRY(tick(rate));
    const bool by_steps = o_.save_interval_steps > 0 && report_.step % o_.save_interval_steps == 0;
    if (by_steps || seconds_since(saved_at_) >= o_.save_interval_secs) return save();
    return {};
  }

  // The mean loss; and all workers stop at the same step, or none.
  Expected<double> agree(double loss) {
    stops_ = stop_;
    if (o_.workers == nullptr) return loss;
    std::array<float, 2> values{static_cast<float>(loss), stop_ ? 1.0f : 0.0f};
    ML_TRY(o_.workers->average(values));
    stops_ = values[1] > 0;
    return values[0];
  }

  Expected<void> tick(double rate) {
    const double seconds = std::max(seconds_since(ticked_at_), 1e-9);
    report_.loss = sum_ / summed_;
    const double steps_per_second = summed_ / seconds;
    const Tick t{.step = report_.step,
                 .steps = o_.schedule.steps,
                 .loss = report_.loss,
                 .learning_rate = rate,
                 .images_per_second = steps_per_second * o_.feed.batch_size,
                 .seconds_left = static_cast<double>(o_.schedule.steps - report_.step) / steps_per_second};
    if (listener_.tick) listener_.tick(t);
    curve_ += fmt::format("{},{:.5f},{:.6g},{:.1f},\n", t.step, t.loss, t.learning_rate, t.images_per_second);
    sum_ = 0;
    summed_ = 0;
    ticked_at_ = Clock::now();
    return events_->add(t.step, {{"loss", static_cast<float>(t.loss)},
                                 {"learning_rate", static_cast<float>(t.learning_rate)},
                                 {"images_per_second", static_cast<float>(t.images_per_second)}});
  }

  Expected<void> save() {
    const std::string name = fmt::format("model.ckpt-{}", report_.step);
    const std::string prefix = o_.logdir + "/" + name;
    auto variables = network_.variables(report_.step);
    if (!o_.class_names.empty()) variables[nets::kClassNamesVariable] = class_names();
    ML_TRY(tf::write_checkpoint(prefix, variables));
    ML_TRY(note_ranges(variables));
    kept_.push_back(name);
    std::vector<std::string> gone;
    while (kept_.size() > static_cast<size_t>(std::max(o_.checkpoints_kept, 1))) {
      gone.push_back(kept_.front());
      kept_.pop_front();
    }
    // First the state without the old ones, then their files: a kill between the two leaves files, not gaps.
    ML_TRY(tf::write_checkpoint_state(o_.logdir, name, {kept_.begin(), kept_.end()}));
    for (const auto& g : gone) {
      std::error_code ignored;
      for (const char* suffix : {".index", ".data-00000-of-00001"})
        std::filesystem::remove(o_.logdir + "/" + g + suffix, ignored);
    }
    report_.checkpoint = prefix;
    saved_step_ = report_.step;
    if (validation_ != nullptr && o_.validation_samples > 0 && !stop_) ML_TRY(validate());
    ML_TRY(write_file(o_.logdir + "/train.csv", curve_));
    saved_at_ = ticked_at_ = Clock::now();
    sum_ = 0;
    summed_ = 0;
    return {};
  }

  tf::Tensor class_names() const {
    std::vector<uint8_t> text;
    for (const std::string& name : o_.class_names) {
      text.insert(text.end(), name.begin(), name.end());
      text.push_back('\n');
    }
    const auto size = static_cast<int64_t>(text.size());
    return tf::Tensor::of<uint8_t>(tf::DataType::uint8, {size}, std::move(text));
  }

  // How the ranges of quantization move.
  Expected<void> note_ranges(const std::map<std::string, tf::Tensor>& variables) {
    Scalars ranges;
    for (const auto& [name, value] : variables) {
      if ((name.ends_with("_quant/min") || name.ends_with("_quant/max")) && value.dims.empty())
        ranges.emplace_back("ranges/" + name, value.data.get<float>(0));
    }
    if (ranges.empty()) return {};
    return events_->add(report_.step, ranges);
  }

  // The first pictures of a batch, each beside its labels and what the net sees.
  Expected<void> show(const Batch& b, const std::vector<uint8_t>& predicted) {
    constexpr int kShown = 4;
    const auto colors = image::distinct_colors();
    image::Image sheet;
    sheet.width = 3 * b.width;
    sheet.height = std::min(kShown, b.count) * b.height;
    for (int y = 0; y < sheet.height; ++y) {
      const size_t row = static_cast<size_t>(y) * static_cast<size_t>(b.width), width = static_cast<size_t>(b.width);
      const auto* pixels = b.images.data() + row * 3;
      sheet.rgb.insert(sheet.rgb.end(), pixels, pixels + width * 3);
      for (const auto* mask : {&b.labels, &predicted}) {
        for (size_t x = 0; x < width; ++x) {
          const image::Color c = colors[(*mask)[row + x]];
          sheet.rgb.insert(sheet.rgb.end(), {c.r, c.g, c.b});
        }
      }
    }
    return events_->add(report_.step, "samples", sheet);
  }

  bool is_quantized() const {
    const auto& delay = o_.network.quantize_delay_step;
    return delay && report_.step >= *delay;
  }

  Expected<void> validate() {
    ML_ASSIGN(const double miou, measure(false));
    if (stop_) return {};  // of a part of the pictures it would be another figure
    report_.miou = miou;
    curve_ += fmt::format("{},,,,{:.5f}\n", report_.step, *report_.miou);
    ML_TRY(events_->add(report_.step, {{"miou", static_cast<float>(*report_.miou)}}));
    tell_miou(*report_.miou, "validation pictures");
    return {};
  }

  // Are there pictures larger than the crop? The first few tell.
  Expected<bool> cuts_pictures() const {
    constexpr int64_t kLookedAt = 8;
    for (int64_t i = 0; i < std::min(kLookedAt, validation_->size()); ++i) {
      ML_ASSIGN(const Sample s, validation_->load(i));
      if (s.height > o_.feed.height || s.width > o_.feed.width) return true;
    }
    return false;
  }

  // Once, at the end: pictures that are larger than the crop were seen in part so far.
  Expected<void> validate_whole() {
    ML_ASSIGN(const double miou, measure(true));
    if (stop_) return {};
    report_.whole_miou = miou;
    tell_miou(*report_.whole_miou, "whole validation pictures, scaled to fit the crop");
    return {};
  }

  void tell_miou(double miou, const char* on) const {
    remark(fmt::format("step {}: mIoU {:.4f} on {} {}{}", report_.step, miou,
                       std::min<int64_t>(o_.validation_samples, validation_->size()), on,
                       is_quantized() ? ", quantized" : ""));
  }

  Expected<double> measure(bool whole) {
    const int classes = o_.net.classes;
    const bool quantized = is_quantized();
    std::vector<int64_t> confusion(static_cast<size_t>(classes) * static_cast<size_t>(classes));
    const int64_t all = std::min<int64_t>(o_.validation_samples, validation_->size());
    for (int64_t i = 0; i < all && !stop_; i += o_.feed.batch_size) {
      const int count = static_cast<int>(std::min<int64_t>(o_.feed.batch_size, all - i));
      ML_ASSIGN(const Batch b, make_validation_batch(*validation_, o_.feed, i, count, whole));
      const auto predicted = network_.labels(b, quantized);
      if (i == 0 && !whole) ML_TRY(show(b, predicted));
      for (size_t p = 0; p < b.labels.size(); ++p) {
        if (b.labels[p] < classes)
          ++confusion[static_cast<size_t>(b.labels[p]) * static_cast<size_t>(classes) + predicted[p]];
      }
    }
    return mean_iou(confusion, classes);
  }

  void remark(const std::string& text) const {
    if (listener_.remark) listener_.remark(text);
  }

  const TrainOptions& o_;
  const Source& source_;
  const Source* validation_;
  const std::atomic<bool>& stop_;
  const Listener& listener_;
  Network network_;
  TrainReport report_;
  int64_t saved_step_ = 0;
  bool stops_ = false;
  std::optional<EventFile> events_;
  std::deque<std::string> kept_;
  std::string curve_;
  double sum_ = 0;
  int summed_ = 0;
  Clock::time_point saved_at_, ticked_at_;
};

}  // namespace

double mean_iou(const std::vector<int64_t>& confusion, int classes) {
  const auto n = static_cast<size_t>(classes);
  double sum = 0;
  int present = 0;
  for (size_t c = 0; c < n; ++c) {
    int64_t row = 0, column = 0;
    for (size_t i = 0; i < n; ++i) row += confusion[c * n + i], column += confusion[i * n + c];
    const int64_t both = confusion[c * n + c], either = row + column - both;
    if (either == 0) continue;
    sum += static_cast<double>(both) / static_cast<double>(either);
    ++present;
  }
  return present == 0 ? 0 : sum / present;
}

Expected<TrainReport> train(const TrainOptions& options, const Source& source, const Source* validation,
                            const std::atomic<bool>& stop, const Listener& listener) {
  if (source.size() <= 0) {
    return Unexpected(
        input_error("the data set", "no pictures", "at least one", "check --dataset_dir and --train_split"));
  }
  const nets::Net net = nets::deeplab(options.net);
  ML_ASSIGN(Network network, Network::create(net, options.network));
  return Trainer(options, source, validation, stop, listener, std::move(network)).run();
}

}  // namespace monolite::train
