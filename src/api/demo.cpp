#include "monolite/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "data/scene.h"
#include "image/palette.h"
#include "image/png.h"
#include "image/read.h"
#include "monolite/check.h"
#include "monolite/convert.h"
#include "monolite/export.h"
#include "monolite/legalize.h"
#include "monolite/run.h"
#include "runtime/session.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPictureSide = 387, kCrop = 129, kRuns = 40;
constexpr const char* kTarget = "nnapi";
const std::vector<std::string> kNet = {"--depth_multiplier=0.5", "--output_stride=16", "--decoder_output_stride=4",
                                       "--decoder_filters=48"};

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// The median of one inference, on one thread. `alone`: every node is a piece of its own, so that nothing is fused.
Expected<double> median_ms(const Model& model, bool alone) {
  runtime::SessionOptions options;
  options.num_threads = 1;
  for (size_t i = 0; alone && i < model.main().nodes.size(); ++i) options.pieces.push_back({i});
  ML_ASSIGN(const auto session, runtime::Session::create(model, options));
  std::vector<double> times;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = Clock::now();
    ML_TRY(session->invoke());
    times.push_back(milliseconds_since(start));
  }
  std::nth_element(times.begin(), times.begin() + kRuns / 2, times.end());
  return times[kRuns / 2];
}

class Demo {
 public:
  explicit Demo(const DemoOptions& options) : o_(options) {}

  Expected<DemoReport> run() {
    std::error_code failed;
    std::filesystem::create_directories(o_.out, failed);
    if (failed) {
      return Unexpected(input_error(o_.out, failed.message(), "a folder that can be made", "--out DIR names another"));
    }
    ML_TRY(make_picture());
    ML_TRY(export_checkpoint());
    ML_TRY(convert_graph());
    ML_TRY(check_model());
    ML_TRY(legalize_model());
    ML_TRY(run_model());
    ML_TRY(time_model());
    return std::move(r_);
  }

 private:
  std::string path(const char* name) const { return o_.out + "/" + name; }

  void done(std::string what, std::string command, std::vector<std::string> said) {
    r_.steps.push_back({std::move(what), std::move(command), std::move(said), milliseconds_since(start_) / 1000});
    if (o_.on_step) o_.on_step(r_.steps.back());
    start_ = Clock::now();
  }

  Expected<void> make_picture() {
    scene_ = data::scene(o_.seed, kPictureSide, kPictureSide);
    image::Image picture(kPictureSide, kPictureSide);
    picture.rgb = scene_.image;
    r_.picture = path("scene.png");
    ML_TRY(image::write_png(picture, r_.picture));
    std::string names;
    for (const std::string_view name : data::kSceneClasses) names += std::string(name) + "\n";
    ML_TRY(write_file(path("labels.txt"), names));
    done("a picture, made from a number", "", {fmt::format("{}: a street scene, seed {}", r_.picture, o_.seed)});
    return {};
  }

  Expected<void> export_checkpoint() {
    ExportOptions e;
    e.checkpoint_path = o_.checkpoint;
    e.export_path = path("graph.pb");
    e.depth_multiplier = 0.5;
    e.output_stride = 16;
    e.decoder_output_stride = 4;
    e.decoder_filters = 48;
    e.crop_size = {kCrop, kCrop};
    e.quantize_delay_step = 0;
    ML_ASSIGN(const ExportReport report, export_model(e));
    std::string flags;
    for (const std::string& flag : kNet) flags += " " + flag;
    done(
        "the trained checkpoint as a frozen graph",
        fmt::format("monolite export --checkpoint_path={} --export_path={} --crop_size={},{} --quantize_delay_step=0{}",
                    o_.checkpoint, e.export_path, kCrop, kCrop, flags),
        {fmt::format("{} nodes, {} bytes", report.nodes, with_commas(report.bytes))});
    return {};
  }

  Expected<void> convert_graph() {
    ConvertOptions c;
    c.graph_def_file = path("graph.pb");
    c.output_file = path("model.tflite");
    c.inference_type = "QUANTIZED_UINT8";
    c.input_arrays = {"MobilenetV2/MobilenetV2/input"};
    c.output_arrays = {"ArgMax"};
    c.mean_values = c.std_dev_values = {127.5};
    ML_ASSIGN(const ConvertReport report, convert(c));
    done("the graph as an integer .tflite",
         fmt::format("monolite convert --quantized_graph_def_path={} --output_tflite_path={}", c.graph_def_file,
                     c.output_file),
         {fmt::format("{} nodes, {} bytes", report.nodes, with_commas(report.bytes))});
    return {};
  }

  Expected<void> check_model() {
    ML_ASSIGN(const CheckReport report, check({.model = path("model.tflite"), .targets = {kTarget}}));
    const CheckVerdict& v = report.targets.at(0);
    std::string refused;
    for (const CheckCpuNode& node : v.cpu_nodes) {
      if (refused.find(node.op) == std::string::npos) refused += (refused.empty() ? "" : ", ") + node.op;
    }
    done("what Android's NNAPI would take of it",
         fmt::format("monolite check {} --target {}", path("model.tflite"), kTarget),
         {fmt::format("{} pieces, {} of {} nodes; refused: {}", v.partitions, v.delegated_nodes, v.nodes,
                      refused.empty() ? "nothing" : refused)});
    return {};
  }

  Expected<void> legalize_model() {
    LegalizeOptions l;
    l.model = path("model.tflite");
    l.output = r_.model = path("model_nnapi.tflite");
    l.targets = {kTarget};
    l.inputs = {r_.picture};
    l.command =
        fmt::format("monolite legalize {} -o {} --target {} --verify {}", l.model, l.output, kTarget, r_.picture);
    ML_ASSIGN(const LegalizeReport report, legalize_file(l));
    r_.before = report.targets.at(0).before.strip;
    r_.after = report.targets.at(0).after.strip;
    for (const auto& output : report.verified.outputs) {
      r_.labels += output.elements;
      r_.changed += output.differing;
    }
    done("rewritten until it is one piece", l.command,
         {"before  " + r_.before, "after   " + r_.after,
          fmt::format("{} of {} labels changed on the picture (proof: {})", with_commas(r_.changed),
                      with_commas(r_.labels), report.proof)});
    return {};
  }

  Expected<void> run_model() {
    RunOptions options;
    options.model = r_.model;
    options.inputs = {{"", r_.picture}};
    options.labels = path("labels.txt");
    options.overlay = r_.overlay = path("overlay.png");
    options.mask = path("mask.png");
    ML_ASSIGN(const RunReport report, monolite::run(options));
    ML_ASSIGN(const image::Mask mask, image::read_mask(options.mask));
    r_.truth = path("truth.png");
    image::Mask truth(kPictureSide, kPictureSide);
    std::copy(scene_.labels.begin(), scene_.labels.end(), truth.labels.begin());
    ML_ASSIGN(const auto png, image::encode_png(truth, image::distinct_colors()));
    ML_TRY(write_file(r_.truth, png));
    int64_t right = 0;
    for (size_t i = 0; i < mask.labels.size(); ++i) right += mask.labels[i] == truth.labels[i];
    r_.right = static_cast<double>(right) / static_cast<double>(mask.labels.size());
    std::string found;
    for (const RunReport::Label& l : report.labels) {
      found += fmt::format("{}{} {:.0f} %", found.empty() ? "" : ", ", l.name, 100 * l.share);
    }
    done("run on the picture",
         fmt::format("monolite run {} {} --labels {} --overlay {}", r_.model, r_.picture, options.labels, r_.overlay),
         {found, fmt::format("{:.1f} % of the pixels have the scene's true label", 100 * r_.right)});
    return {};
  }

  Expected<void> time_model() {
    ML_ASSIGN(const Model model, tflite::read_file(r_.model));
    ML_ASSIGN(r_.fused_ms, median_ms(model, false));
    ML_ASSIGN(r_.unfused_ms, median_ms(model, true));
    done("timed on this CPU, one thread", fmt::format("monolite bench --graph={} --num_threads=1", r_.model),
         {fmt::format("{:.2f} ms an inference; {:.2f} ms where every node runs by itself ({:.1f} times)", r_.fused_ms,
                      r_.unfused_ms, r_.unfused_ms / r_.fused_ms)});
    return {};
  }

  const DemoOptions& o_;
  Clock::time_point start_ = Clock::now();
  data::Scene scene_;
  DemoReport r_;
};

}  // namespace

Expected<DemoReport> demo(const DemoOptions& options) { return Demo(options).run(); }

}  // namespace monolite
