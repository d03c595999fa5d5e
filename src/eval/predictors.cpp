#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "eval/segmentation.h"
#include "image/read.h"
#include "ops/infer_shapes.h"
#include "runtime/session.h"
#include "tasks/answers.h"
#include "tasks/npy_value.h"

namespace monolite::eval {
namespace {

namespace fs = std::filesystem;

image::Image picture_of(const data::Sample& s) {
  image::Image picture;
  picture.width = s.width;
  picture.height = s.height;
  picture.rgb = s.image;
  return picture;
}

class ModelPredictor final : public Predictor {
 public:
  ModelPredictor(const Model& model, const tasks::Task& task, image::Fit fit,
                 std::optional<tasks::Normalization> normalization)
      : model_(model), task_(task), fit_(fit), normalization_(std::move(normalization)) {}

  Expected<void> plan(bool is_reference) {
    if (is_reference) return {};
    runtime::SessionOptions options;
    options.num_threads = 1;
    ML_ASSIGN(session_, runtime::Session::create(model_, std::move(options)));
    return {};
  }

  Expected<Prediction> predict(const data::Sample& s) override {
    const Graph& g = model_.main();
    ML_ASSIGN(tasks::Feed feed,
              tasks::feed_picture(picture_of(s), g.tensor(g.inputs[task_.picture->index]), *task_.picture,
                                  tasks::TaskKind::segmentation, fit_, normalization_));
    std::vector<ops::Value> inputs{std::move(feed.value)};
    auto outputs = session_ ? session_->run(inputs) : ops::evaluate(model_, inputs);
    if (!outputs) return Unexpected(outputs.error().at(printable(s.name)));
    feed.value = {};
    ML_ASSIGN(image::Mask labels, tasks::output_labels((*outputs)[task_.output]));
    return Prediction{std::move(labels), std::move(feed), false};
  }

 private:
  const Model& model_;
  tasks::Task task_;
  image::Fit fit_;
  std::optional<tasks::Normalization> normalization_;
  std::unique_ptr<runtime::Session> session_;
};

// [H,W] -> [1,H,W]; [H,W,C] of numbers with a fraction, which are scores, -> [1,H,W,C].
Expected<ops::Value> as_output(const image::NpyArray& array, const std::string& file) {
  ML_ASSIGN(ops::Value v, tasks::to_value(array, printable(file)));
  const bool is_map = v.shape.rank() == 2;
  const bool is_scores = v.shape.rank() == 3 && (v.shape[0] != 1 || array.kind == 'f');
  if (!is_map && !is_scores) return v;
  Shape shape{1};
  for (const int32_t extent : v.shape) shape.push_back(extent);
  v.shape = std::move(shape);
  return v;
}

// Are all bytes zero but the lowest two of each element?
bool has_small_labels(const Buffer& bytes, int64_t item) {
  const auto all = bytes.bytes();
  for (size_t i = 0; i < all.size(); ++i) {
    if (static_cast<int64_t>(i) % item >= 2 && all[i] != std::byte{0}) return false;
  }
  return true;
}

// One label a pixel, in 1, 4 or 8 bytes each, as benchmark tools dump an output: of the picture's size, or a square.
Expected<image::Mask> raw_labels(const std::string& path, const data::Sample& s) {
  ML_ASSIGN(const Buffer bytes, map_file(path));
  const auto size = static_cast<int64_t>(bytes.size_bytes());
  const auto labels_of = [&](DType type, int32_t height, int32_t width) {
    return tasks::output_labels({type, {1, height, width}, bytes});
  };
  constexpr std::pair<DType, int64_t> kTypes[] = {{DType::uint8, 1}, {DType::int32, 4}, {DType::int64, 8}};
  for (const auto& [type, item] : kTypes) {
    if (size == item * s.height * s.width) return labels_of(type, s.height, s.width);
  }
  // The largest elements first: 4 n^2 bytes are also the (2 n)^2 of a square of bytes, whose upper bytes would be
  // zeros.
  for (const auto& [type, item] : {kTypes[2], kTypes[1], kTypes[0]}) {
    const auto side = static_cast<int32_t>(std::lround(std::sqrt(static_cast<double>(size / item))));
    if (side > 0 && size == item * side * side && has_small_labels(bytes, item)) return labels_of(type, side, side);
  }
  return Unexpected(input_error(
      printable(path), fmt::format("{} bytes", size),
      fmt::format("1, 4 or 8 for each of {} pixels, or for each of a square", image::size_text(s.width, s.height)),
      "give it as .npy, which knows its shape"));
}

class FolderPredictor final : public Predictor {
 public:
  FolderPredictor(std::string folder, image::Fit fit) : folder_(std::move(folder)), fit_(fit) {}

  Expected<Prediction> predict(const data::Sample& s) override {
    const std::string stem = (fs::path(folder_) / fs::path(s.name).stem()).string();
    std::error_code ignored;
    Prediction p;
    if (fs::exists(stem + ".png", ignored)) {
      ML_ASSIGN(p.labels, image::read_mask(stem + ".png"));
    } else if (fs::exists(stem + ".npy", ignored)) {
      ML_ASSIGN(const image::NpyArray array, image::read_npy(stem + ".npy"));
      ML_ASSIGN(const ops::Value value, as_output(array, stem + ".npy"));
      auto labels = tasks::output_labels(value);
      if (!labels) return Unexpected(labels.error().at(printable(stem + ".npy")));
      p.labels = std::move(*labels);
    } else if (fs::exists(stem + ".raw", ignored)) {
      ML_ASSIGN(p.labels, raw_labels(stem + ".raw", s));
    } else {
      return Unexpected(input_error(printable(s.name), "no prediction for this picture",
                                    printable(stem) + ".png, .npy or .raw",
                                    "run the device on it, or lower --samples"));
    }
    p.is_in_picture = p.labels.width == s.width && p.labels.height == s.height;
    p.feed.picture_width = s.width;
    p.feed.picture_height = s.height;
    p.feed.input_width = p.labels.width;
    p.feed.input_height = p.labels.height;
    p.feed.placement = image::place(fit_, s.width, s.height, p.labels.width, p.labels.height);
    return p;
  }

 private:
  std::string folder_;
  image::Fit fit_;
};

tasks::TensorShapes shapes_of(const Model& model) {
  const ops::Inference inference = ops::infer_shapes(model);
  tasks::TensorShapes shapes(model.main().tensors.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Shape& stated = model.main().tensors[i].shape;
    if (inference.states[i].has_shape) {
      shapes[i] = inference.states[i].shape;
    } else if (stated.rank() > 0 && stated.is_valid()) {
      shapes[i] = stated;
    }
  }
  return shapes;
}

}  // namespace

Expected<tasks::Task> segmentation_task(const Model& model) {
  const tasks::TensorShapes shapes = shapes_of(model);
  tasks::Task task = tasks::recognise(model, shapes);
  if (task.kind != tasks::TaskKind::segmentation && task.kind != tasks::TaskKind::other) {
    return Unexpected(input_error(printable(model.path), fmt::format("a model for {}", tasks::name(task.kind)),
                                  "one for segmentation: one picture in, labels or scores of its size out"));
  }
  if (task.kind == tasks::TaskKind::other) {
    ML_ASSIGN(task, tasks::recognise_as(tasks::TaskKind::segmentation, model, shapes));
  }
  if (model.main().inputs.size() != 1 || !task.picture) {
    return Unexpected(input_error(printable(model.path), "a model that takes more than one picture",
                                  "one picture in, labels or scores out"));
  }
  return task;
}

Expected<std::unique_ptr<Predictor>> model_predictor(const Model& model, image::Fit fit,
                                                     const std::optional<tasks::Normalization>& normalization,
                                                     bool is_reference) {
  ML_ASSIGN(const tasks::Task task, segmentation_task(model));
  auto predictor = std::make_unique<ModelPredictor>(model, task, fit, normalization);
  ML_TRY(predictor->plan(is_reference));
  return predictor;
}

std::unique_ptr<Predictor> folder_predictor(std::string folder, image::Fit fit) {
  return std::make_unique<FolderPredictor>(std::move(folder), fit);
}

}  // namespace monolite::eval
