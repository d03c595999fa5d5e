#include "monolite/run.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "json.h"
#include "table.h"
#include "verbs.h"

namespace monolite::cli {
namespace {

constexpr size_t kMostRows = 20;  // of labels; --json has them all

// "[NAME=]FILE". A file of that whole name wins: paths may hold an equals sign.
RunOptions::Input parse_input(const std::string& text) {
  std::error_code ignored;
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || std::filesystem::exists(text, ignored)) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Json to_json(const RunReport& r) {
  Json inputs = Json::array(), labels = Json::array(), classes = Json::array(), boxes = Json::array(),
       outputs = Json::array();
  for (const auto& i : r.inputs) inputs.push_back({{"name", i.name}, {"file", i.file}, {"fed", i.how}});
  for (const auto& l : r.labels) {
    labels.push_back({{"label", l.label}, {"name", l.name}, {"pixels", l.pixels}, {"share", l.share}});
  }
  for (const auto& c : r.classes) classes.push_back({{"label", c.label}, {"name", c.name}, {"score", c.score}});
  for (const auto& b : r.boxes) {
    boxes.push_back(
        {{"label", b.label}, {"name", b.name}, {"score", b.score}, {"box", {b.left, b.top, b.right, b.bottom}}});
  }
  for (const auto& o : r.outputs) {
    outputs.push_back({{"name", o.name},
                       {"dtype", o.dtype},
                       {"shape", o.shape},
                       {"min", o.min},
                       {"max", o.max},
                       {"mean", o.mean},
                       {"not_finite", o.not_finite},
                       {"first", o.first}});
  }
  return {{"file", r.file},
          {"task", r.task},
          {"backend", r.backend},
          {"num_threads", r.num_threads},
          {"inputs", inputs},
          {"labels_from", r.labels_from},
          {"labels", labels},
          {"classes", classes},
          {"boxes", boxes},
          {"result_size", {r.result_width, r.result_height}},
          {"outputs", outputs},
          {"load_ms", r.load_ms},
          {"inference_ms", r.inference_ms},
          {"written", r.written},
          {"remarks", r.remarks}};
}

void print_labels(const RunReport& r) {
  Table table(
      {{"share", Table::Align::right}, {"pixels", Table::Align::right}, {"label", Table::Align::right}, {"name"}});
  for (size_t i = 0; i < std::min(kMostRows, r.labels.size()); ++i) {
    const auto& l = r.labels[i];
    table.add({fmt::format("{:.2f} %", 100 * l.share), with_commas(l.pixels), std::to_string(l.label), l.name});
  }
  fmt::print("{}", table.text());
  if (r.labels.size() > kMostRows) fmt::print("… and {} more: --json has them all\n", r.labels.size() - kMostRows);
}

void print_classes(const RunReport& r) {
  Table table({{"score", Table::Align::right}, {"class", Table::Align::right}, {"name"}});
  for (const auto& c : r.classes) table.add({fmt::format("{:.4f}", c.score), std::to_string(c.label), c.name});
  fmt::print("{}", table.text());
}

void print_boxes(const RunReport& r) {
  if (r.boxes.empty()) {
    fmt::print("nothing was found; --min_score lowers the bar\n");
    return;
  }
  Table table({{"score", Table::Align::right}, {"class", Table::Align::right}, {"name"}, {"left,top – right,bottom"}});
  for (const auto& b : r.boxes) {
    table.add({fmt::format("{:.3f}", b.score), std::to_string(b.label), b.name,
               fmt::format("{},{} – {},{}", b.left, b.top, b.right, b.bottom)});
  }
  fmt::print("{}", table.text());
}

void print_outputs(const RunReport& r) {
  Table table({{"output"},
               {"type"},
               {"min", Table::Align::right},
               {"max", Table::Align::right},
               {"mean", Table::Align::right},
               {"first values"}});
  for (const auto& o : r.outputs) {
    std::string first;
    for (const double x : o.first) first += fmt::format("{}{:.5g}", first.empty() ? "" : " ", x);
    table.add({o.name,
               fmt::format("{} {}", o.dtype, o.shape.empty() ? "scalar" : fmt::format("{}", fmt::join(o.shape, "x"))),
               fmt::format("{:.5g}", o.min), fmt::format("{:.5g}", o.max), fmt::format("{:.5g}", o.mean), first});
  }
  fmt::print("{}", table.text());
}

void print_text(const RunReport& r, bool is_verbose) {
  for (const auto& i : r.inputs) {
    if (!i.file.empty()) fmt::print("{}: {}\n", i.file, i.how);
  }
  fmt::print("{}{}: {:.1f} ms on {}, {} thread{}\n\n", r.task == "other" ? "no known task" : r.task,
             r.labels_from.empty() ? "" : ", labels " + r.labels_from, r.inference_ms, r.backend, r.num_threads,
             r.num_threads == 1 ? "" : "s");
  if (r.task == "segmentation") print_labels(r);
  if (r.task == "classification") print_classes(r);
  if (r.task == "detection") print_boxes(r);
  if (r.task == "super-resolution")
    fmt::print("a picture of {}x{}; --overlay writes it\n", r.result_width, r.result_height);
  if (r.task == "other" || is_verbose) print_outputs(r);
}

void declare(Args& args, RunOptions& o, std::string& image, std::vector<std::string>& inputs) {
  args.positional("MODEL", o.model, "a .tflite")
      .optional_positional("IMAGE", image, "a PNG, JPEG or BMP, or a .npy")
      .flags("input", inputs, "[NAME=]FILE", "another way to give inputs: a picture, a .npy, or raw bytes with --raw")
      .flag("raw", o.is_raw, "the files hold the bytes of the inputs as they stand")
      .flag("backend", o.backend, "fast|reference", "which engine computes (default fast)")
      .flag("num_threads", o.num_threads, "N", "threads (default: the physical cores)")
      .flag("weight_cache_file_path", o.weight_cache_file, "FILE",
            "keeps packed weights for the next start; made if absent")
      .flag("task", o.task, "TASK",
            "segmentation, classification, detection, super-resolution or other, where it is not recognised")
      .flag("resize", o.resize, "fit|stretch|crop|pad",
            "how a picture is brought to the model's size (default: as the task has it)")
      .flag("labels", o.labels, "FILE", "names of the labels, one a line")
      .flag("top", o.top, "N", "how many classes are shown (default 5)")
      .flag("min_score", o.min_score, "X", "boxes below this score are left out (default 0.5)")
      .flag("overlay", o.overlay, "OUT.png",
            "the picture with the answer drawn over; super-resolution: the enlarged picture")
      .flag("mask", o.mask, "OUT.png", "segmentation: a palette PNG, pixels are labels")
      .flag("dump_inputs", o.dump_inputs, "DIR",
            "0.bin, 1.bin, …: the bytes that were fed, to give to a device; and .npy")
      .flag("dump_outputs", o.dump_outputs, "DIR", "0.npy, 1.npy, …: raw values, in the model's output order")
      .example("monolite run deeplab.tflite cat.jpg --overlay cat.png")
      .example("monolite run mobilenet.tflite --input x.npy --dump_outputs out");
}

}  // namespace

int run(Args& args) {
  RunOptions o;
  std::string image;
  std::vector<std::string> inputs;
  declare(args, o, image, inputs);
  if (const auto code = args.parse()) return *code;
  if (!image.empty()) o.inputs.push_back({"", image});
  for (const std::string& text : inputs) o.inputs.push_back(parse_input(text));
  const auto report = monolite::run(o);
  if (!report) return args.fail(report.error());
  for (const std::string& text : report->remarks) args.remark("remark: " + text);
  if (args.json()) {
    print_json(to_json(*report));
  } else {
    print_text(*report, args.verbose());
  }
  for (const std::string& path : report->written) args.remark("wrote " + path);
  return kYes;
}

}  // namespace monolite::cli
