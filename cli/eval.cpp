#include "monolite/eval.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <chrono>

#include "base/text.h"
#include "json.h"
#include "post_training_flags.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

constexpr int kMostShownColumns = 12;  // of the confusion matrix, in a terminal

Expected<void> append_ints(const std::string& text, std::vector<int>& to) {
  for (const auto& part : split(text, ',')) {
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size())
      return Unexpected(usage_error("", printable(part), "a whole number"));
    to.push_back(value);
  }
  return {};
}

std::function<Expected<void>(const std::string&)> names_into(std::vector<std::string>& to) {
  return [&to](const std::string& text) -> Expected<void> {
    to = split(text, ',');
    return {};
  };
}

Json to_json(const EvalSegmentationReport& r) {
  Json classes = Json::array();
  const auto number = [](const std::optional<double>& v) { return v ? Json(*v) : Json(nullptr); };
  for (const auto& c : r.classes) {
    classes.push_back({{"label", c.label},
                       {"name", c.name},
                       {"iou", number(c.iou)},
                       {"accuracy", number(c.accuracy)},
                       {"pixels", c.pixels},
                       {"predicted", c.predicted},
                       {"right", c.right}});
  }
  return {{"model", r.model},
          {"predictions", r.predictions},
          {"data", r.data},
          {"samples", r.samples},
          {"num_classes", r.num_classes},
          {"ignore_label", r.ignore_label},
          {"miou", r.miou},
          {"pixel_accuracy", r.pixel_accuracy},
          {"mean_accuracy", r.mean_accuracy},
          {"pixels", r.pixels},
          {"right", r.right},
          {"classes", classes},
          {"confusion", r.confusion},
          {"seconds", r.seconds},
          {"written", r.written},
          {"remarks", r.remarks}};
}

std::string share(int64_t part, int64_t all) {
  if (part == 0) return "";
  return fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

void print_confusion(const EvalSegmentationReport& r) {
  std::vector<Table::Column> columns{{"% of the label's pixels"}};
  for (const auto& c : r.classes) columns.push_back({c.name, Table::Align::right, 10});
  columns.push_back({"no class", Table::Align::right});
  Table table(std::move(columns));
  for (const auto& c : r.classes) {
    std::vector<std::string> cells{c.name};
    for (const int64_t count : r.confusion[static_cast<size_t>(c.label)]) cells.push_back(share(count, c.pixels));
    table.add(std::move(cells));
  }
  fmt::print("\n{}", table.text());
}

void print_text(const EvalSegmentationReport& r, bool is_verbose) {
  fmt::print("{}\non {}{}\n\n", r.model.empty() ? "predictions of " + r.predictions : r.model, r.data,
             r.samples < r.size ? fmt::format(", the first {}", with_commas(r.samples)) : "");
  Table table({{"label", Table::Align::right},
               {"class"},
               {"IoU", Table::Align::right},
               {"accuracy", Table::Align::right},
               {"pixels", Table::Align::right},
               {"predicted", Table::Align::right}});
  const auto number = [](const std::optional<double>& v) { return v ? fmt::format("{:.4f}", *v) : std::string("–"); };
  for (const auto& c : r.classes) {
    table.add({std::to_string(c.label), c.name, number(c.iou), number(c.accuracy), with_commas(c.pixels),
               with_commas(c.predicted)});
  }
  fmt::print("{}", table.text());
  if (r.num_classes <= kMostShownColumns || is_verbose) print_confusion(r);
  fmt::print("\nmIoU            {:.4f}\npixel accuracy  {:.4f}\nmean accuracy   {:.4f}\n", r.miou, r.pixel_accuracy,
             r.mean_accuracy);
  fmt::print("{} pixels of {} pictures{}, {:.1f} s\n", with_commas(r.pixels), with_commas(r.samples),
             r.ignore_label >= 0 ? fmt::format(", label {} ignored", r.ignore_label) : "", r.seconds);
}

// A bar with the time that is left, at most ten times a second.
class Bar {
 public:
  void show(int64_t done, int64_t of) {
    const auto now = std::chrono::steady_clock::now();
    if (done < of && now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double left = seconds * static_cast<double>(of - done) / static_cast<double>(done);
    constexpr int kWidth = 30;
    const auto filled = static_cast<int>(kWidth * done / of);
    fmt::print(stderr, "\r\x1b[K[{:=<{}}{: <{}}] {}/{} pictures, {:.0f} s left", "", filled, "", kWidth - filled, done,
               of, left);
    std::fflush(stderr);
  }
  void clear() const { std::fputs("\r\x1b[K", stderr); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), shown_ = start_;
};

void declare(Args& args, EvalSegmentationOptions& o, int& samples, std::optional<double>& min_miou) {
  args.optional_positional("MODEL", o.model, "a .tflite, a frozen graph (.pb), or a checkpoint")
      .flag("predictions", o.predictions, "DIR",
            "instead of a model: what a device gave, PNG, .npy or .raw, each named as its picture")
      .flag("checkpoint_dir", o.model, "DIR", "another way to name a checkpoint, as in eval.py")
      .flag("dataset", o.dataset, "NAME",
            "scenes (made as it goes), pascal_voc_seg, cityscapes, ade20k, or the folder of any set")
      .flag("dataset_dir", o.dataset_dir, "DIR", "its folder")
      .flag("images", o.images, "DIR", "with --masks: pictures, and masks of the same names")
      .flag("masks", o.masks, "DIR", "palette or grey PNGs, pixels are labels")
      .flag("eval_split", o.split, "NAME", "default val")
      .flag("split", o.split, "NAME", "the same")
      .flag("samples", samples, "N", "only the first N pictures")
      .flag("num_classes", o.num_classes, "N", "default: as the data set, or the model, has")
      .flag("ignore_label", o.ignore_label, "N",
            "pixels that do not count; -1: all do (default: as the data set has, mostly 255)")
      .flag("label_map", o.label_map, "MAP",
            "other numbers for the data's labels: 7=0,8=1,*=ignore; cityscapes; ade20k-mlperf")
      .flag("prediction_map", o.prediction_map, "MAP", "the same for predictions")
      .flag("labels", o.labels, "FILE", "names of the classes, one a line")
      .flag("resize", o.resize, "fit|stretch|pad",
            "how a picture is brought to the model's size: scaled to fit (default), stretched, or unscaled and padded, "
            "as eval.py has it")
      .flag("in_crop", o.in_crop, "compare in the model's size instead of the picture's own")
      .flag("picture", o.picture, "OUT.png", "the confusion matrix as a picture")
      .flag("min_miou", min_miou, "X", "exit code 1 where the mIoU is lower")
      .flag("backend", o.backend, "fast|reference", "which engine computes (default fast)")
      .flag("num_threads", o.num_threads, "N", "pictures at one time (default: the physical cores)");
}

void declare_graphs(Args& args, EvalSegmentationOptions& o, std::vector<double>& scales) {
  args.flag("input_arrays", "NAME", "of a frozen graph (default: DeepLab's own)", names_into(o.input_arrays))
      .flag("output_arrays", "NAME", "likewise", names_into(o.output_arrays))
      .flag("eval_crop_size", "H,W", "of a checkpoint: the model's size (default 513)",
            [&o](const std::string& t) { return append_ints(t, o.net.crop_size); })
      .flag("output_stride", o.net.output_stride, "N", "of a checkpoint: 8, 16 (default) or 32")
      .flag("depth_multiplier", o.net.depth_multiplier, "NUMBER", "of a checkpoint; default 1")
      .flag("atrous_rates", "N", "of a checkpoint",
            [&o](const std::string& t) { return append_ints(t, o.net.atrous_rates); })
      .flag("decoder_output_stride", o.net.decoder_output_stride, "N",
            "of a checkpoint: 4 where it has the decoder of v3+")
      .flag("aspp_convs_filters", o.net.aspp_convs_filters, "N", "of a checkpoint; default: as it has")
      .flag("decoder_filters", o.net.decoder_filters, "N", "of a checkpoint; default: as it has")
      .flag("add_image_level_feature", o.net.add_image_level_feature, "of a checkpoint; default true")
      .flag("quantize_delay_step", o.net.quantize_delay_step, "N", "of a checkpoint: 0 or more rounds as training did")
      .flag("model_variant", o.net.model_variant, "NAME",
            "of a checkpoint: mobilenet_v2 (default) or mobilenet_edgetpu")
      .flag("eval_scales", "NUMBER",
            "of a checkpoint, several times: the mean of the picture at these scales (default 1.0)",
            [&scales](const std::string& t) { return append_numbers(t, scales); })
      .flag("add_flipped_images", o.net.add_flipped_images, "of a checkpoint: and of each one mirrored")
      .ignored({"logtostderr", "alsologtostderr", "master", "eval_batch_size", "eval_logdir", "eval_interval_secs",
                "max_number_of_evaluations"})
      .note("Exit 0: done; 1: --min_miou was not reached.")
      .example("monolite eval segmentation deeplab.tflite --dataset=VOCdevkit/VOC2012 --picture confusion.png")
      .example("monolite eval segmentation model.tflite --images=photos --masks=masks --num_classes=21")
      .example("monolite eval segmentation --predictions=from_phone --dataset=cityscapes --dataset_dir=cityscapes")
      .example(
          "monolite eval segmentation models/scenes/scenes_uint8.tflite --dataset=scenes --eval_split=test --json");
}

int eval_segmentation(const std::vector<std::string>& arguments) {
  Args args("eval segmentation", "mIoU, accuracies and confusion of a model, or of a device's predictions", arguments);
  EvalSegmentationOptions o;
  int samples = 0;
  std::optional<double> min_miou;
  declare(args, o, samples, min_miou);
  std::vector<double> scales;
  declare_graphs(args, o, scales);
  if (const auto code = args.parse()) return *code;
  if (!scales.empty()) o.net.inference_scales = scales;
  o.samples = samples;
  Bar bar;
  const bool has_bar = ::isatty(STDERR_FILENO) != 0 && !args.json() && !args.quiet();
  if (has_bar) o.progress = [&bar](int64_t done, int64_t of) { bar.show(done, of); };
  const auto report = monolite::eval_segmentation(o);
  if (has_bar) bar.clear();
  if (!report) return args.fail(report.error());
  for (const auto& remark : report->remarks) args.remark("note: " + remark);
  args.json() ? print_json(to_json(*report)) : print_text(*report, args.verbose());
  for (const auto& file : report->written) args.remark("wrote " + file);
  if (min_miou && report->miou < *min_miou) {
    args.remark(fmt::format("mIoU {:.4f} is below {}", report->miou, *min_miou));
    return kNo;
  }
  return kYes;
}

}  // namespace

int eval(Args& args) {
  const auto& words = args.arguments();
  if (!words.empty() && words[0] == "segmentation") return eval_segmentation({words.begin() + 1, words.end()});
  std::string task;
  args.positional("TASK", task, "segmentation: `monolite eval segmentation --help` shows its flags")
      .example("monolite eval segmentation deeplab.tflite --dataset=scenes");
  if (const auto code = args.parse()) return *code;
  return args.fail(usage_error("eval", "\"" + printable(task) + "\"", "segmentation"));
}

}  // namespace monolite::cli
