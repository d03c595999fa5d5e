#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "api/export_graph.h"
#include "api/model_inputs.h"
#include "api/model_labels.h"
#include "base/cpu.h"
#include "base/file.h"
#include "base/text.h"
#include "base/thread_pool.h"
#include "convert/convert.h"
#include "data/dataset.h"
#include "eval/confusion_picture.h"
#include "eval/segmentation.h"
#include "image/png.h"
#include "monolite/eval.h"
#include "nets/deeplab.h"
#include "tasks/labels.h"
#include "tensorflow/graph_def.h"
#include "tflite/reader.h"

namespace monolite {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kTrainedStride = 16, kMostClasses = 256;
// Between DeepLab's own preprocessing and the last resize to the picture's size: what convert_to_tflite.py cuts, too.
constexpr const char* kDeepLabOutput = "ArgMax";

bool has_node(const tensorflow::Graph& graph, const std::string& name) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const auto& n) { return n.name == name; });
}

// In float; FakeQuant nodes round as they did in training.
Expected<Model> model_of(const tensorflow::Graph& graph, const EvalSegmentationOptions& o) {
  conversion::Request r;
  r.inputs = o.input_arrays;
  r.outputs = o.output_arrays;
  for (const char* input : {nets::kMobileNetV2Input, nets::kMobileNetEdgeTpuInput})
    if (r.inputs.empty() && has_node(graph, input)) r.inputs = {input};
  if (r.outputs.empty() && has_node(graph, kDeepLabOutput)) r.outputs = {kDeepLabOutput};
  auto converted = conversion::convert(graph, r);
  if (!converted) return Unexpected(converted.error().at(o.model));
  converted->model.path = o.model;
  return std::move(converted->model);
}

Expected<Model> read_model(const EvalSegmentationOptions& o, std::vector<std::string>& remarks) {
  const std::string end = fs::path(o.model).extension().string();
  std::error_code ignored;
  if (end == ".pb" || end == ".pbtxt") {
    ML_ASSIGN(const tensorflow::Graph graph, tensorflow::read_graph_def(o.model));
    return model_of(graph, o);
  }
  if (end == ".tflite" || (fs::is_regular_file(o.model, ignored) && end != ".index")) return tflite::read_file(o.model);
  ExportOptions e = o.net;
  e.checkpoint_path = o.model;
  if (!e.output_stride) e.output_stride = kTrainedStride;
  ML_ASSIGN(const conversion::Exported exported, exported_graph(e));
  remarks.insert(remarks.end(), exported.remarks.begin(), exported.remarks.end());
  return model_of(exported.graph, o);
}

class Eval {
 public:
  explicit Eval(const EvalSegmentationOptions& o) : o_(o) {}

  Expected<EvalSegmentationReport> run() {
    const auto start = Clock::now();
    ML_TRY(check());
    if (!o_.model.empty()) {
      ML_ASSIGN(model_, read_model(o_, r_.remarks));
      ML_ASSIGN(task_, eval::segmentation_task(*model_));
    }
    ML_TRY(open_data());
    ML_TRY(settle());
    ML_ASSIGN(const eval::Confusion confusion, eval::measure(*data_.source, how_, [this] { return predictor(); }));
    fill(confusion);
    if (!o_.picture.empty()) {
      ML_ASSIGN(const auto png, image::encode_png(eval::draw(confusion, names_)));
      ML_TRY(write_file(o_.picture, png));
      r_.written.push_back(o_.picture);
    }
    r_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return std::move(r_);
  }

 private:
  Expected<void> check() {
    if (o_.model.empty() == o_.predictions.empty()) {
      return Unexpected(usage_error("eval segmentation",
                                    o_.model.empty() ? "no model" : "a model and a folder of predictions",
                                    "MODEL, or --predictions DIR"));
    }
    std::error_code ignored;
    if (!o_.predictions.empty() && !fs::is_directory(o_.predictions, ignored)) {
      return Unexpected(input_error(printable(o_.predictions), "no such folder", "a folder of PNG or .npy"));
    }
    if (o_.backend != "fast" && o_.backend != "reference")
      return Unexpected(usage_error("--backend", printable(o_.backend), "fast or reference"));
    const std::string end = fs::path(o_.model).extension().string();
    const bool is_several_views = o_.net.inference_scales != std::vector<double>{1.0} || o_.net.add_flipped_images;
    if (is_several_views && (end == ".tflite" || end == ".pb" || end == ".pbtxt")) {
      return Unexpected(usage_error("--eval_scales and --add_flipped_images", "a model that is finished",
                                    "a checkpoint",
                                    "`monolite export --inference_scales=…` makes a graph of several views"));
    }
    if (o_.num_threads < 0 || o_.num_threads > 1024)
      return Unexpected(usage_error("--num_threads", std::to_string(o_.num_threads), "1 to 1024"));
    if (o_.samples < 0) return Unexpected(usage_error("--samples", std::to_string(o_.samples), "1 or more"));
    if (o_.num_classes && (*o_.num_classes < 1 || *o_.num_classes > kMostClasses))
      return Unexpected(usage_error("--num_classes", std::to_string(*o_.num_classes), "1 to 256"));
    if (o_.ignore_label && (*o_.ignore_label < -1 || *o_.ignore_label > 255))
      return Unexpected(usage_error("--ignore_label", std::to_string(*o_.ignore_label), "0 to 255, or -1 for none"));
    ML_ASSIGN(fit_, tasks::fit_from_name(o_.resize));
    if (fit_ == image::Fit::crop)
      return Unexpected(usage_error("--resize", "crop", "fit, stretch or pad: all of the picture is compared"));
    return {};
  }

  Expected<void> open_data() {
    data::DatasetRequest d;
    d.name = o_.dataset;
    d.folder = o_.dataset_dir;
    d.images = o_.images;
    d.masks = o_.masks;
    d.split = o_.split;
    d.classes = o_.num_classes;
    d.ignore_label = o_.ignore_label;
    if (task_.picture) {
      d.height = task_.picture->height;
      d.width = task_.picture->width;
    } else if (!o_.net.crop_size.empty()) {
      d.height = o_.net.crop_size.front();
      d.width = o_.net.crop_size.back();
    }
    ML_ASSIGN(data_, data::open_dataset(d));
    r_.data = data_.description;
    return {};
  }

  // What the data set does not tell, the model may.
  Expected<void> settle() {
    how_.classes = data_.classes > 0 ? data_.classes : static_cast<int>(std::min<int64_t>(task_.classes, kMostClasses));
    if (how_.classes <= 0) {
      return Unexpected(usage_error(
          "eval segmentation", "a data set and a model that do not tell the number of classes", "--num_classes=N"));
    }
    how_.ignore_label = data_.ignore_label;
    if (!o_.label_map.empty()) {
      ML_ASSIGN(how_.label_map, data::LabelMap::parse(o_.label_map));
    }
    if (!o_.prediction_map.empty()) {
      ML_ASSIGN(how_.prediction_map, data::LabelMap::parse(o_.prediction_map));
    }
    how_.in_crop = o_.in_crop;
    how_.samples = o_.samples;
    how_.threads = o_.num_threads > 0 ? o_.num_threads : ThreadPool::shared().threads();
    how_.progress = o_.progress;
    names_ = data_.names;
    if (!o_.labels.empty()) {
      ML_ASSIGN(tasks::Labels labels, tasks::read_labels(o_.labels));
      names_ = tasks::fit_labels(std::move(labels), how_.classes).names;
    }
    if (names_.empty() && model_) {
      if (auto own = own_labels(*model_, r_.remarks)) names_ = tasks::fit_labels(std::move(*own), how_.classes).names;
    }
    if (names_.empty()) names_ = tasks::built_in_labels(how_.classes).names;
    if (task_.classes > 0 && task_.classes != how_.classes) {
      r_.remarks.push_back(
          fmt::format("the model tells {} classes apart, the data has {}: predictions beyond these are "
                      "counted as wrong",
                      task_.classes, how_.classes));
    }
    return {};
  }

  Expected<std::unique_ptr<eval::Predictor>> predictor() const {
    if (!model_) return eval::folder_predictor(o_.predictions, fit_);
    return eval::model_predictor(*model_, fit_, stated_normalization(*model_, 0), o_.backend == "reference");
  }

  void fill(const eval::Confusion& confusion) {
    const eval::Scores s = eval::scores(confusion);
    r_.model = o_.model;
    r_.predictions = o_.predictions;
    r_.size = data_.source->size();
    r_.samples = how_.samples > 0 ? std::min(how_.samples, data_.source->size()) : data_.source->size();
    r_.num_classes = how_.classes;
    r_.ignore_label = how_.ignore_label;
    r_.miou = s.miou;
    r_.mean_accuracy = s.mean_accuracy;
    r_.pixel_accuracy = s.pixel_accuracy;
    r_.pixels = s.pixels;
    r_.right = s.right;
    const tasks::Labels labels{names_, {}};
    for (int c = 0; c < how_.classes; ++c) {
      const eval::ClassScore& score = s.classes[static_cast<size_t>(c)];
      r_.classes.push_back({c, labels.name(c), score.pixels, score.predicted, score.right, score.iou, score.accuracy});
      std::vector<int64_t> row;
      for (int p = 0; p < confusion.columns(); ++p) row.push_back(confusion.at(c, p));
      r_.confusion.push_back(std::move(row));
    }
  }

  const EvalSegmentationOptions& o_;
  EvalSegmentationReport r_;
  image::Fit fit_ = image::Fit::fit;
  std::optional<Model> model_;
  tasks::Task task_;
  data::Dataset data_;
  eval::Measurement how_;
  std::vector<std::string> names_;
};

}  // namespace

Expected<EvalSegmentationReport> eval_segmentation(const EvalSegmentationOptions& options) {
  return Eval(options).run();
}

}  // namespace monolite
